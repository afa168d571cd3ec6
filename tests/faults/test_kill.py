"""kill -9 in the middle of writes: what was answered is there, nothing is half done.

  ROUNDS=200 SEED=7 pytest tests/faults      more rounds, or the same ones again

Writers change bulletins and attributes through the API and note what was answered. The server is
killed at a random answer, started again, and everything that had been answered 200 must be read
back; a request without an answer may have happened or not, as a whole.
"""

import http.client
import os
import random
import signal
import threading
import time

import databases
from callboard import compact_json, expect_ok, fresh_server

ROUNDS = int(os.environ.get("ROUNDS", "100"))
SEED = int(os.environ.get("SEED", str(int(time.time()))))
WRITERS = 6
LOST = (OSError, http.client.HTTPException)  # no answer: the server is gone


class Ledger:
    """What a writer knows of one resource: the last answered state, and an unanswered one."""

    def __init__(self):
        self.answered = None  # None: does not exist
        self.pending = ()     # at most one state that may or may not have been reached

    def allows(self, state) -> bool:
        return state == self.answered or state in self.pending


class Round:
    """Writers on one server until it is killed."""

    def __init__(self, app, ledgers, rng):
        self.app, self.ledgers, self.rng = app, ledgers, rng
        self.answers = 0
        self.revision = 0
        self.kill_at = rng.randint(1, 120)
        self.lock = threading.Lock()

    def run(self):
        writers = [self.write_bulletins] * (WRITERS - 2) + [self.write_attributes] * 2
        threads = [threading.Thread(target=self.guarded, args=(writer, number, self.rng.random()))
                   for number, writer in enumerate(writers)]
        self.failure = None
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.app.server.process.wait(30)
        self.app.server.log.close()
        if self.failure:
            raise self.failure

    def guarded(self, writer, number, seed):
        try:
            writer(number, random.Random(seed))
        except LOST:
            pass
        except BaseException as error:
            self.failure = error
        finally:
            self.app.server.process.kill()

    def note(self, response):
        """One more answer; at the chosen one the server is killed, while others are under way."""
        with self.lock:
            self.answers += 1
            self.revision = max(self.revision, int(response.headers.get("X-Board-Revision", 0)))
            if self.answers == self.kill_at:
                self.app.server.process.send_signal(signal.SIGKILL)

    def attempt(self, ledger, state, send):
        """Asks for a change to `state`; the ledger always knows what may be true."""
        ledger.pending = (state,)
        response = send()
        expect_ok(response)
        ledger.answered, ledger.pending = state, ()
        self.note(response)
        return response

    def write_bulletins(self, number, rng):
        """Each writer has its own bulletin: created, updated, deleted, created again."""
        path = f"{self.app.console}/bulletin_board"
        ledger = self.ledgers[number]
        connection = self.app.server.connect()
        created = None
        for step in range(10**6):
            name = f"{number}:{rng.getrandbits(40):x}"
            body = {"bulletin_name": name, "category": name, "bulletin_body": name * 20,
                    "valid_date_start": 0, "valid_date_end": 0, "bulletin_condition": {}}
            if ledger.answered is None:
                created = self.attempt(ledger, name, lambda: self.app.operator(
                    "POST", path, body, connection=connection)).json()
            elif created is None or step % 5 == 4:
                found = created or self.find(path, ledger.answered, connection)
                self.attempt(ledger, None, lambda: self.app.operator(
                    "DELETE", path, {"id": found["bulletin_id"]}, connection=connection))
                created = None
            else:
                self.attempt(ledger, name, lambda: self.app.operator(
                    "PUT", path, body | {"bulletin_id": created["bulletin_id"]},
                    connection=connection))

    def find(self, path, name, connection):
        page = expect_ok(self.app.operator("GET", f"{path}?q={name}", connection=connection))
        return page["boards"][0]

    def write_attributes(self, number, rng):
        ledger = self.ledgers[number]
        connection = self.app.server.connect()
        target = "/bp/server/users/info"
        for _ in range(10**6):
            value = rng.getrandbits(40)  # the same for two users, in one transaction
            body = compact_json([{"user_id": f"{half}{number}", "attributes": {"v": value}}
                                 for half in ("left", "right")])
            self.attempt(ledger, value, lambda: self.app.backend("PUT", target, body,
                                                                 connection=connection))


def settle(app, ledgers):
    """After a restart: compares the server with the ledgers, which then know what happened."""
    path = f"{app.console}/bulletin_board?size=100"
    listed = expect_ok(app.operator("GET", path))["boards"]
    by_writer = {}
    for bulletin in listed:
        name = bulletin["bulletin_name"]
        assert bulletin["category"] == name and bulletin["bulletin_body"] == name * 20, bulletin
        number = int(name.split(":")[0])
        assert number not in by_writer, f"writer {number} has two bulletins: {listed}"
        by_writer[number] = name
    response = app.backend("GET", "/bp/server/user/u/bulletin_board")
    board = [entry["name"] for entry in expect_ok(response)["bulletin_board"]]
    assert sorted(board) == sorted(by_writer.values()), "the board is not what is stored"
    for number in range(WRITERS):
        if number < WRITERS - 2:
            state = by_writer.get(number)
        else:
            left, right = (expect_ok(app.backend("GET", f"/bp/server/user/{half}{number}/info"))
                           ["attributes"].get("v") for half in ("left", "right"))
            assert left == right, "half of a transaction"
            state = left
        ledger = ledgers[number]
        assert ledger.allows(state), (number, state, ledger.answered, ledger.pending)
        ledger.answered, ledger.pending = state, ()
    return int(response.headers["X-Board-Revision"])


def test_kill_during_writes(tmp_path):
    print(f"SEED={SEED} ROUNDS={ROUNDS}")
    rng = random.Random(SEED)
    ledgers = [Ledger() for _ in range(WRITERS)]
    with fresh_server(tmp_path / "data") as app:
        revision = 0
        for number in range(ROUNDS):
            round_ = Round(app, ledgers, rng)
            round_.run()
            app.server.start()
            after = settle(app, ledgers)
            assert after >= max(revision, round_.revision), \
                f"SEED={SEED}, round {number}: the board went from {round_.revision} to {after}"
            revision = after


def test_kill_while_starting(tmp_path):
    """Killed at any moment of its first start, migrations included, it starts the next time."""
    from callboard import BINARY, Server, free_port
    import subprocess
    rng = random.Random(SEED)
    print(f"SEED={SEED}")
    data = tmp_path / "data"
    for _ in range(ROUNDS):
        process = subprocess.Popen(
            [BINARY, "serve", "--data", data, "--listen", f"127.0.0.1:{free_port()}",
             *databases.flags_of(data)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        killer = threading.Timer(rng.random() * 0.1, process.kill)
        killer.start()
        process.stdout.readline()
        process.kill()
        process.wait(30)
        killer.cancel()
        process.stdout.close()
    with Server(data) as server:
        assert server.request("GET", "/readyz").status == 200


def test_terminate_during_writes(tmp_path):
    """SIGTERM drains: every request that was begun is answered, and the exit status is 0."""
    with fresh_server(tmp_path / "data") as app:
        expected = set()  # exactly what was answered: nothing is done without an answer
        for _ in range(max(3, ROUNDS // 4)):
            created, failures = [], []

            def writer(app=app, created=created, failures=failures):
                connection = app.server.connect()
                path = f"{app.console}/bulletin_board"
                for index in range(10**6):
                    try:
                        response = app.operator("POST", path, {"bulletin_name": f"n{index}"},
                                                connection=connection)
                    except LOST:  # closed between two requests, or refused: not begun
                        return
                    if response.status == 503:
                        return
                    if response.status != 200:
                        failures.append(response)
                        return
                    created.append(response.json()["bulletin_id"])
                    if len(created) == 100:
                        app.server.process.send_signal(signal.SIGTERM)

            threads = [threading.Thread(target=writer) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert not failures, failures
            assert app.server.process.wait(30) == 0
            app.server.start()
            expected |= set(created)
            board = expect_ok(app.backend("GET", "/bp/server/user/u/bulletin_board"))
            assert {entry["id"] for entry in board["bulletin_board"]} == expected
