"""What is measured: each function yields rows of the table."""

import json
import os
import random
import shutil
import statistics
import subprocess
import time
from pathlib import Path

import databases
import load
import peers
from callboard import BINARY, App, Server, expect_ok, fresh_server, run_cli

DURATION_S = int(os.environ.get("DURATION", "5"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
CONDITIONS_BENCH = BINARY.parent / "bench/conditions_bench"
# Of a load generator, one operator: not what limits are for.
QUIET = ("--log-level=warning", "--rate-writes-per-operator=0", "--rate-writes-per-app=0")

# Targets: ratios to a peer, or bounds in the row's own unit.
READ_TO_NGINX, READ_TO_EPOLL, NOT_MODIFIED_TO_NGINX = 1.2, 0.65, 1.3
VISIBLE_MS, COLD_LOAD_MS, START_MS, EMPTY_MB, FULL_MB = 1.0, 150.0, 100.0, 40.0, 250.0
AUDIENCE_S = 2.0
EVENT_TO_NGINX, EVENT_TO_DATABASE = 1.5, 20.0
VIRTUAL_USERS, VIRTUAL_PAUSE_S, VIRTUAL_P95_MS = 2000, 1, 5.0
WRITES_TO_PGBENCH = 0.5
COUNTS_TO_GROUPS, COUNTS_TO_SINGLES = 0.5, 5.0
QUIZ_CONNECTIONS = 64
DATABASE_WRITERS = 8  # connections, ours by default and pgbench's


def row(name, ours, *, nginx=None, epoll=None, pgbench=None, bare=None, peer=None, at_least=None,
        at_most=None, ratio=False) -> dict:
    """`at_least`, `at_most`: bounds of our figure, or of its `ratio` to the peer; a peer that is
    not installed is a miss."""
    others = {"nginx": nginx, "epoll": epoll, "pgbench": pgbench, "bare": bare, "peer": peer}
    beside = next((each for each in others.values() if each is not None), None)
    to_peer = ours / beside if beside else None
    value = to_peer if ratio else ours
    ok = value is not None or (at_least is None and at_most is None)
    ok = ok and (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    return {"row": name, "ours": ours, "nginx": nginx, "epoll": epoll, "ratio": to_peer,
            "target": at_least if at_least is not None else at_most, "ok": ok} | {
                name: each for name, each in others.items() if each is not None}


# --- reading -----------------------------------------------------------------------------------


class Interleaved:
    """Several contenders measured in turn, round after round: A B C A B C."""

    def __init__(self, folder: Path):
        self.file = folder / "requests"
        self.contenders = {}
        self.results = {}

    def add(self, name, server, reads, with_tag=False):
        """`server`: its port and process id, or None where there is none."""
        if server is not None:
            self.contenders[name] = (*server, reads, with_tag)

    def run(self, rounds=ROUNDS):
        for _ in range(rounds):
            for name, (port, pid, reads, with_tag) in self.contenders.items():
                reads.write(self.file, with_tag)
                run = peers.wrk(port, pid, self.file, DURATION_S)
                self.results.setdefault(name, []).append(run)

    def median(self, name, figure="rate"):
        runs = self.results.get(name)
        return statistics.median(run[figure] for run in runs) if runs else None

    def total(self, name, figure):
        return sum(run[figure] for run in self.results[name])


def reading(folder: Path):
    """The seed's load on the full path: signature, session token, conditions, answer."""
    rng = random.Random(1)
    with fresh_server(folder / "read", *QUIET) as app:
        for number in range(100):
            app.create_bulletin(**load.bulletin(rng, number))
        load.store_users(app, 1000, rng)
        reads = load.SignedReads(app, users=1000, each=4)
        bodies = sorted(reads.bodies(), key=len)
        matching = statistics.mean(len(json.loads(body)["bulletin_board"]) for body in bodies)
        typical = bodies[len(bodies) // 2]
        print(f"  {matching:.1f} of 100 bulletins match, an answer has {len(typical)} bytes")
        plain = beside(app, folder, "--answer-memo-bytes=0", *QUIET)
        with plain, peers.nginx(folder / "nginx", {load.BOARD: typical}) as nginx, \
                peers.raw_epoll(len(typical)) as epoll:
            contest = Interleaved(folder)
            ours = (app.server.port, app.server.process.pid)
            contest.add("ours", ours, reads)
            contest.add("nginx", nginx, reads)
            contest.add("epoll", epoll, reads)
            contest.add("without memo", (plain.port, plain.process.pid), reads)
            contest.add("304", ours, reads, with_tag=True)
            contest.add("nginx, tags", nginx, reads, with_tag=True)
            contest.run()
            print_runs(contest)
            yield from reading_rows(contest)


def beside(app: App, folder: Path, *flags: str) -> Server:
    """Another server on the same data: on PostgreSQL another node, else on a copy by the program
    itself."""
    data, other = app.server.data, folder / "beside"
    other.mkdir()
    shutil.copy2(data / "server.key", other)
    if databases.SERVER:
        return Server(other, "--database", databases.url_of(data), *flags)
    run_cli("backup", "--data", data, other / "callboard.db")
    return Server(other, *flags)


def reading_rows(contest: Interleaved):
    median = contest.median
    yield row("bulletin read, requests/s", median("ours"), nginx=median("nginx"),
              at_least=READ_TO_NGINX, ratio=True)
    yield row("bulletin read beside raw epoll", median("ours"), epoll=median("epoll"),
              at_least=READ_TO_EPOLL, ratio=True)
    yield row("bulletin read, p99 in ms", median("ours", "p99_ms"), nginx=median("nginx", "p99_ms"),
              at_most=1.0, ratio=True)
    yield row("bulletin read without the answer memo", median("without memo"),
              nginx=median("nginx"))
    yield row("the same beside raw epoll", median("without memo"), epoll=median("epoll"))
    yield row("bulletin read, 304, requests/s", median("304"), nginx=median("nginx, tags"),
              at_least=NOT_MODIFIED_TO_NGINX, ratio=True)
    errors = sum(contest.total(name, "errors") for name in ("ours", "without memo", "304"))
    yield row("bulletin read, errors", errors, at_most=0)


def print_runs(contest: Interleaved):
    """Every run's rate; and the server's own processor time, which a busy machine changes less."""
    for name, runs in contest.results.items():
        rates = ", ".join(f"{run['rate']:,.0f}" for run in runs)
        p50, p99, cpu = (contest.median(name, figure) for figure in ("p50_ms", "p99_ms", "cpu_us"))
        print(f"  {name:<13} {rates} requests/s; p50 {p50:.2f} ms, p99 {p99:.2f} ms, "
              f"{cpu:.1f} us of CPU a request")


# --- events ------------------------------------------------------------------------------------


def events(folder: Path, count=163, people=200):
    """One event of a festival by its id, chosen at random: at full speed, and by the seed's 2,000
    virtual users, each of whom waits a second before the next. nginx has each event as a file.
    Beside it, the same server answers from the database: who is logged in, one row by its key."""
    rng = random.Random(2)
    with fresh_server(folder / "events", "--dev", *QUIET) as app:
        expect_ok(app.operator("POST", f"{app.console}/events/import?year=2024",
                               [load.festival_event(rng, number) for number in range(count)]))
        reads, profiles = load.EventReads(app, count, rng), load.ProfileReads(app, people)
        with peers.nginx(folder / "nginx", reads.bodies()) as nginx:
            contest = Interleaved(folder)
            ours = (app.server.port, app.server.process.pid)
            contest.add("ours", ours, reads)
            contest.add("nginx", nginx, reads)
            contest.add("database", ours, profiles)
            contest.run()
            print_runs(contest)
            yield from event_rows(contest)
            yield from virtual_user_rows(folder, ours, reads)


def event_rows(contest: Interleaved):
    median = contest.median
    yield row("event by id, requests/s", median("ours"), nginx=median("nginx"),
              at_least=EVENT_TO_NGINX, ratio=True)
    # SQLite, in the same process, is no database to be far from.
    yield row("event by id beside a read of the database", median("ours"), bare=median("database"),
              at_least=EVENT_TO_DATABASE if databases.SERVER else None, ratio=True)
    yield row("event by id, errors", contest.total("ours", "errors"), at_most=0)


def virtual_user_rows(folder: Path, ours, reads):
    reads.write(folder / "requests")
    run = peers.wrk(*ours, folder / "requests", max(DURATION_S, 3 * VIRTUAL_PAUSE_S),
                    connections=VIRTUAL_USERS, pause_ms=1000 * VIRTUAL_PAUSE_S)
    print(f"  {VIRTUAL_USERS:,} users: {run['rate']:,.0f} requests/s, p50 {run['p50_ms']:.2f} ms, "
          f"p99 {run['p99_ms']:.2f} ms")
    yield row("event by id, 2,000 users, p95 in ms", run["p95_ms"], at_most=VIRTUAL_P95_MS)
    yield row("event by id, 2,000 users, errors", run["errors"], at_most=0)


# --- conditions --------------------------------------------------------------------------------


def conditions(folder: Path):
    """The micro-benchmark's own lines: {"row","ours","target",...}, one JSON object each."""
    if not CONDITIONS_BENCH.exists():
        print(f"  {CONDITIONS_BENCH} is not built")
        yield row("condition matching: not built", 1, at_most=0)
        return
    output = subprocess.run([CONDITIONS_BENCH], capture_output=True, text=True).stdout
    for line in output.splitlines():
        found = json.loads(line)
        yield row(found["row"], found["ours"], at_most=found["target"])


# --- writing -----------------------------------------------------------------------------------


def visibility(folder: Path, updates=200):
    """From the 200 of a console write to the end of a read that shows it."""
    rng = random.Random(2)
    with fresh_server(folder / "write", *QUIET) as app:
        made = [app.create_bulletin(**load.bulletin(rng, number)) for number in range(100)]
        target = app.create_bulletin(bulletin_name="counter")
        assert len(made) == 100
        writer, reader = (load.RawConnection(app.server.port) for _ in range(2))
        token = app.session("u0")
        after, whole = [], []
        for number in range(updates):
            change = target | {"bulletin_body": f"count {number}."}
            change.pop("revision")
            write = load.update_request(app, change)
            read = load.raw_request("GET", load.BOARD, app.signed_headers("GET", load.BOARD, token))
            begun = time.perf_counter()
            writer.exchange(write)
            answered = time.perf_counter()
            while f"count {number}.".encode() not in reader.exchange(read):
                pass
            seen = time.perf_counter()
            after.append((seen - answered) * 1e3)
            whole.append((seen - begun) * 1e3)
        writer.close()
        reader.close()
    p99 = sorted(after)[int(len(after) * 0.99)]
    print(f"  write to visible: median {statistics.median(after):.3f} ms, p99 {p99:.3f} ms")
    yield row("console write to visible, ms after its 200", statistics.median(after),
              at_most=VISIBLE_MS)
    yield row("console write and the read that shows it, ms", statistics.median(whole))


def writing(folder: Path, users=4000):
    """Uploads of attributes, each answered when it is on the disk."""
    with fresh_server(folder / "upload", *QUIET) as app:
        load.store_users(app, users, random.Random(5))
        contest = Interleaved(folder)
        contest.add("ours", (app.server.port, app.server.process.pid),
                    load.AttributeWrites(app, users))
        theirs = []
        for _ in range(ROUNDS):
            contest.run(rounds=1)
            if databases.SERVER:
                theirs.append(peers.pgbench(databases.url_of(folder / "upload"), folder, users,
                                            DATABASE_WRITERS, DURATION_S))
        print_runs(contest)
    theirs = statistics.median(theirs) if theirs else None
    yield row("attribute writes/s", contest.median("ours"), pgbench=theirs,
              at_least=WRITES_TO_PGBENCH if theirs else None, ratio=True)
    yield row("attribute writes, errors", contest.total("ours", "errors"), at_most=0)


def counting(folder: Path, types=16):
    """Increments of one quiz, each answered when it is on the disk, beside a loop that does nothing
    but commit as many at once, or one by one, on the same disk."""
    group = QUIZ_CONNECTIONS
    with fresh_server(folder / "count", *QUIET) as app:
        names = [f"type {number}" for number in range(types)]
        expect_ok(app.operator("POST", f"{app.console}/quizzes",
                               {"key": "q", "types": [{"type": name} for name in names]}))
        increments = load.QuizIncrements(app, names)
        increments.write(folder / "requests")
        ours, grouped, single = [], [], []
        for _ in range(ROUNDS):
            ours.append(peers.wrk(app.server.port, app.server.process.pid, folder / "requests",
                                  DURATION_S, connections=group))
            grouped.append(peers.bare_commits(app.server.data, types, group, DURATION_S))
            single.append(peers.bare_commits(app.server.data, types, 1, DURATION_S))
        total, batches = increments.total(), app.server.metric("callboard_quiz_batches_total")
    answered = sum(run["requests"] for run in ours)
    rate = statistics.median(run["rate"] for run in ours)
    print(f"  {rate:,.0f} increments/s, {total / batches:.1f} a commit; alone "
          f"{statistics.median(grouped):,.0f} by {group} and {statistics.median(single):,.0f} "
          f"one by one; p99 {statistics.median(run['p99_ms'] for run in ours):.2f} ms")
    yield row("quiz increments/s beside group commits", rate, bare=statistics.median(grouped),
              at_least=COUNTS_TO_GROUPS, ratio=True)
    yield row("quiz increments/s beside single commits", rate, bare=statistics.median(single),
              at_least=COUNTS_TO_SINGLES, ratio=True)
    # What was under way when a run ended is counted and answered to nobody.
    surplus = total - answered
    yield row("quiz increments lost", max(0, -surplus), at_most=0)
    yield row("quiz increments beyond those sent", max(0, surplus - ROUNDS * group), at_most=0)
    yield row("quiz increments, errors", sum(run["errors"] for run in ours), at_most=0)


# --- start, cold board, memory -----------------------------------------------------------------


def timed_start(app: App) -> tuple[float, float]:
    """Milliseconds from exec to the line `listening`, and on to the first answer."""
    headers = {"X-BytePower-Auth-Token": app.backend_token()}
    begun = time.perf_counter()
    app.server.start()
    ready = time.perf_counter()
    connection = load.RawConnection(app.server.port)
    connection.exchange(load.raw_request("GET", "/bp/server/user/u0/bulletin_board", headers))
    first = time.perf_counter()
    connection.close()
    return (ready - begun) * 1e3, (first - begun) * 1e3


def resident_mb(app: App) -> float:
    status = Path(f"/proc/{app.server.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def starting(folder: Path, starts=10, users=100_000, bulletins=10_000):
    rng = random.Random(3)
    with fresh_server(folder / "start", *QUIET) as app:
        app.server.stop()
        empty = []
        for _ in range(starts):
            empty.append(timed_start(app))
            memory = resident_mb(app)
            app.server.stop()
        app.server.start()
        app.create_bulletin()
        load.store_users(app, users, rng)
        app.server.stop()
        load.insert_bulletins(folder / "start", app.app_id, bulletins, rng)
        full = []
        for _ in range(starts // 2):
            full.append(timed_start(app))
            app.server.stop()
        app.server.start()
        load.read_all_users(app, users)
        full_memory = resident_mb(app)
    yield row("start to ready, ms", statistics.median(ready for ready, _ in empty),
              at_most=START_MS)
    cold = (statistics.median(first for _, first in full)
            - statistics.median(first for _, first in empty))
    yield row("cold board of 10,000 bulletins, ms", cold, at_most=COLD_LOAD_MS)
    yield row("memory when empty, MB", memory, at_most=EMPTY_MB)
    yield row("memory with 10,000 bulletins and 100,000 users, MB", full_memory, at_most=FULL_MB)


# --- audience ----------------------------------------------------------------------------------


def audience(folder: Path, users=1_000_000, counts=5):
    """How many of a million stored users a condition of four predicates holds for."""
    rng = random.Random(4)
    with fresh_server(folder / "audience", *QUIET) as app:
        app.server.stop()
        load.insert_users(folder / "audience", app.app_id, users, rng)
        app.server.start()
        condition = load.condition(rng, age_span=35, cities=4)
        condition["conditions"][3] = {"variable": "level", "logic": ">", "target": 20,
                                      "target_type": "number"}
        times = []
        for _ in range(counts):
            begun = time.perf_counter()
            answer = expect_ok(app.operator("POST", f"{app.console}/bulletin_board/audience",
                                            {"bulletin_condition": condition}))
            times.append(time.perf_counter() - begun)
        print(f"  {answer['matching']:,} of {answer['total']:,} match; first {times[0]:.2f} s, "
              f"then {', '.join(f'{t:.2f}' for t in times[1:])} s")
        assert answer["total"] == users
        memory = resident_mb(app)
    yield row("audience of 1,000,000 stored users, s", statistics.median(times),
              at_most=AUDIENCE_S)
    yield row("memory after it, MB", memory)


ALL = {"reading": reading, "events": events, "conditions": conditions, "visibility": visibility,
       "writing": writing, "counting": counting, "starting": starting, "audience": audience}
