"""kill -9 while 64 connections add to quizzes: what was answered is counted, once.

  ROUNDS=100 SEED=7 pytest tests/faults/test_quiz_kill.py     more rounds, or the same ones again

Every connection adds to one of a few types, and notes what it sent and what was answered. After
each kill the tallies are between the two. Who repeats what was not answered, under the same
idempotency key, ends with exactly what it meant to add.
"""

import http.client
import os
import random
import signal
import threading
import time

from callboard import expect_ok, fresh_server

ROUNDS = max(3, int(os.environ.get("ROUNDS", "100")) // 10)
SEED = int(os.environ.get("SEED", str(int(time.time()))))
CONNECTIONS = 64
TYPES = "abcd"
LOST = (OSError, http.client.HTTPException)  # no answer: the server is gone


class Adder:
    """One connection's adding; every second one of them repeats what was not answered."""

    def __init__(self, app, number):
        self.app, self.number = app, number
        self.type = TYPES[number % len(TYPES)]
        self.repeats = number % 2 == 0
        self.sent = self.answered = 0
        self.step = 0  # of those that repeat: how many are known to be done

    def send(self, connection):
        headers = {"Idempotency-Key": f"{self.number}/{self.step}"} if self.repeats else {}
        self.sent += 1
        expect_ok(self.app.backend("POST", "/quizzes/q/results", {"type": self.type},
                                   headers=headers, connection=connection))
        self.answered += 1
        self.step += 1


def run_until_killed(app, adders, kill_at):
    answers, failures, lock = [], [], threading.Lock()

    def add(adder):
        connection = app.server.connect()
        try:
            while True:
                adder.send(connection)
                with lock:
                    answers.append(adder.number)
                    if len(answers) == kill_at:
                        app.server.process.send_signal(signal.SIGKILL)
        except LOST:
            pass
        except BaseException as error:
            failures.append(error)
            app.server.process.kill()

    threads = [threading.Thread(target=add, args=(adder,)) for adder in adders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    app.server.process.wait(30)
    app.server.log.close()
    assert not failures, failures


def tallies(app) -> dict:
    answer = app.call("nobody", "GET", "/quizzes/q/statistics", headers={"X-App-ID": app.app_id})
    return {each["type"]: each["count"] for each in expect_ok(answer)["types"]}


def test_kill_during_increments(tmp_path):
    print(f"SEED={SEED} ROUNDS={ROUNDS}")
    rng = random.Random(SEED)
    with fresh_server(tmp_path / "data") as app:
        body = {"key": "q", "types": [{"type": each} for each in TYPES]}
        expect_ok(app.operator("POST", f"{app.console}/quizzes", body))
        limits = {"writes_per_user": 1_000_000, "writes_per_app": 1_000_000}
        expect_ok(app.operator("PATCH", f"{app.console}/settings", {"rate_limits": limits}))
        adders = [Adder(app, number) for number in range(CONNECTIONS)]
        for number in range(ROUNDS):
            run_until_killed(app, adders, rng.randint(1, 600))
            app.server.start()
            for kind, tally in tallies(app).items():
                own = [adder for adder in adders if adder.type == kind]
                least = sum(adder.answered for adder in own)
                most = sum(adder.step + 1 if adder.repeats else adder.sent for adder in own)
                assert least <= tally <= most, (SEED, number, kind, least, tally, most)
        for adder in adders:
            if adder.repeats:
                adder.send(None)  # whether or not the last one was counted
        for kind, tally in tallies(app).items():
            own = [adder for adder in adders if adder.type == kind]
            if all(adder.repeats for adder in own):
                assert tally == sum(adder.step for adder in own), (SEED, kind)
