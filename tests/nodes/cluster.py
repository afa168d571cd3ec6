"""Several nodes on one PostgreSQL database, and traffic through all of them."""

import contextlib
import copy
import http.client
import random
import threading
import time
from pathlib import Path

import databases
from callboard import PATIENCE_S, App, Server, expect_ok, initialise

LOST = (OSError, http.client.HTTPException)  # no answer
LOOK_PERIOD_S = 1.1  # how stale a node may be, whatever happens to notifications


class Cluster:
    """A context manager. `apps[i]` is the application `demo` as node i serves it."""

    def __init__(self, folder: Path, count: int = 3, *flags: str):
        self.home = folder / "node-0"  # names the database, too
        keys = initialise(self.home)
        self.key = {"CALLBOARD_SERVER_KEY": (self.home / "server.key").read_text().strip()}
        self.apps = [App(self.node(folder / f"node-{i}", *flags), **keys) for i in range(count)]
        self.sessions = {}
        for app in self.apps:
            app.sessions = self.sessions  # one user, one session, on every node

    def node(self, data: Path, *flags: str) -> Server:
        if "--database" not in flags:
            flags = ("--database", databases.url_of(self.home), *flags)
        return Server(data, *flags, env=self.key)

    def __enter__(self):
        for app in self.apps:
            app.server.start()
        return self

    def __exit__(self, kind, value, traceback):
        for app in self.apps:
            app.server.__exit__(kind, value, traceback)

    def execute(self, statement: str, **values):
        return databases.execute(self.home, statement, **values)


def wait_until(condition, patience_s: float = PATIENCE_S) -> float:
    """Asks again and again until it is true; how long it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < patience_s, "it never became true"
    return time.monotonic() - start


class Ledger:
    """What a writer knows of its own value: the last that was answered 200, and those that came
    after it without such an answer, which may be there or not."""

    def __init__(self):
        self.answered, self.pending = None, []

    def allows(self, value) -> bool:
        return value == self.answered or value in self.pending

    def settle(self, value):
        self.answered, self.pending = value, []


class Traffic:
    """Writers, each of which changes one bulletin and one user through any node, and readers of
    boards that lie in memory. While it lives, nodes and the database may come and go."""

    WRITERS, READERS = 4, 2

    def __init__(self, cluster: Cluster, seed: int):
        self.cluster, self.random = cluster, random.Random(seed)
        self.bulletins = [Ledger() for _ in range(self.WRITERS)]
        self.users = [Ledger() for _ in range(self.WRITERS)]
        self.ids = [cluster.apps[0].create_bulletin(bulletin_name="0")["bulletin_id"]
                    for _ in range(self.WRITERS)]
        for ledger in self.bulletins:
            ledger.settle("0")
        self.written = self.refused = self.read = 0
        self.failures = []
        self.slowest_read_s = 0.0

    def __enter__(self):
        for app in self.cluster.apps:
            expect_ok(app.client("reader", "GET", "/bp/bulletin_board"))  # and into memory
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self._guarded, args=(role, number))
                        for role, count in ((self._write, self.WRITERS), (self._read, self.READERS))
                        for number in range(count)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join()
        assert not self.failures, self.failures

    def _guarded(self, role, number):
        try:
            role(number, random.Random(self.random.random()))
        except BaseException as error:  # pylint: disable=broad-except
            self.failures.append(error)
            raise

    def _write(self, number, rng):
        while not self.is_over.is_set():
            app = rng.choice(self.cluster.apps)
            value = f"{rng.getrandbits(40):x}"
            body = {"bulletin_id": self.ids[number], "bulletin_name": value, "category": "",
                    "bulletin_body": value, "valid_date_start": 0, "valid_date_end": 0,
                    "bulletin_condition": {}}
            self._attempt(self.bulletins[number], value, lambda: app.operator(
                "PUT", f"{app.console}/bulletin_board", body))
            self._attempt(self.users[number], value, lambda: app.backend(
                "PUT", f"/bp/server/user/u{number}/info", {"attributes": {"v": value}}))

    def _attempt(self, ledger, value, send):
        ledger.pending.append(value)
        try:
            answer = send()
        except LOST:
            return
        if answer.status == 200:
            ledger.settle(value)
            self.written += 1
        else:
            assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0, answer
            self.refused += 1

    def _read(self, number, rng):
        while not self.is_over.is_set():
            app = rng.choice(self.cluster.apps)
            start = time.monotonic()
            try:
                answer = app.client("reader", "GET", "/bp/bulletin_board")
            except LOST:
                continue  # the node is gone
            self.slowest_read_s = max(self.slowest_read_s, time.monotonic() - start)
            assert answer.status == 200, answer
            self.read += 1

    def wait_for_writes(self, count: int = 20):
        """Until so many more were answered 200; how long that took."""
        wanted = self.written + count
        return wait_until(lambda: self.written >= wanted or self.failures)

    def settle(self):
        """Once it is over: what was answered is there, and all nodes say the same."""
        boards = self.cluster.apps[0].console + "/bulletin_board"
        listed = expect_ok(self.cluster.apps[0].operator("GET", f"{boards}?size=100"))["boards"]
        names = {entry["bulletin_id"]: entry["bulletin_name"] for entry in listed}
        for ledger, bulletin_id in zip(self.bulletins, self.ids):
            assert ledger.allows(names[bulletin_id]), (names, ledger.answered, ledger.pending)
            ledger.settle(names[bulletin_id])
        for number, ledger in enumerate(self.users):
            [(stored,)] = self.cluster.execute(
                "SELECT attributes FROM users WHERE user_id = :user", user=f"u{number}")
            value = stored.split('"')[3]
            assert ledger.allows(value), (stored, ledger.answered, ledger.pending)
            ledger.settle(value)
        for app in self.cluster.apps:
            wait_until(lambda app=app: sorted(app.board_of("reader")) == sorted(names.values()),
                       2 * LOOK_PERIOD_S)
            for number, ledger in enumerate(self.users):
                wait_until(lambda app=app, number=number, ledger=ledger: expect_ok(app.backend(
                    "GET", f"/bp/server/user/u{number}/info"))["attributes"]
                    == {"v": ledger.answered}, 2 * LOOK_PERIOD_S)


def through(app: App, server: Server) -> App:
    """The same application on another node."""
    other = copy.copy(app)
    other.server = server
    return other


def is_ready(app: App) -> bool:
    with contextlib.suppress(*LOST):
        return app.server.request("GET", "/readyz").status == 200
    return False
