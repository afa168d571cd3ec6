"""The server dies at one named step of a write; when it is back, what it did is there as a whole or
not at all."""

import http.client
import signal
import subprocess

import pytest

import databases
from callboard import BINARY, PATIENCE_S, App, Server, expect_ok, free_port, initialise

NO_ANSWER = (OSError, http.client.HTTPException)
EVENTS = [{"id": f"event-{number}", "event_time_start": "2030/1/1 9:00",
           "event_time_end": "2030/1/1 10:00", "event_detail": None} for number in range(20)]


@pytest.mark.parametrize("point", ["db.migrated:1", "db.migrations_committed:1"])
def test_a_migration(tmp_path, point):
    data = tmp_path / "data"
    arguments = ("--data", data, "--dev", "--kill-point", point, "--listen",
                 f"127.0.0.1:{free_port()}")
    died = subprocess.run([BINARY, "serve", *databases.with_flags(arguments)], timeout=PATIENCE_S,
                          capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died
    with Server(data) as server:
        assert server.request("GET", "/readyz").status == 200


def create_quiz(app: App):
    expect_ok(app.operator("POST", f"{app.console}/quizzes", {"key": "q", "types": ["a"]}))


def count(app: App):
    return app.backend("POST", "/quizzes/q/results", {"type": "a", "count": 20})


def counted(app: App) -> int:
    headers = {"X-App-ID": app.app_id}
    return expect_ok(app.call("nobody", "GET", "/quizzes/q/statistics", headers=headers))["total"]


def import_events(app: App):
    return app.operator("POST", f"{app.console}/events/import", EVENTS)


def imported(app: App) -> int:
    """With each its reminder, which is of the same transaction."""
    [(events, sends)] = databases.execute(app.server.data, """
        SELECT (SELECT COUNT(*) FROM events), (SELECT COUNT(*) FROM sends)""")
    assert sends == events
    return events


def nothing(app: App):
    """Needs no preparation."""


@pytest.mark.parametrize("point", [
    "quiz.counted:1", "import.before_commit:1", "event.planned:7"])
def test_a_write(tmp_path, point):
    prepare, write, written = (create_quiz, count, counted) if point.startswith("quiz") else \
        (nothing, import_events, imported)
    data = tmp_path / "data"
    app = App(Server(data, "--dev"), **initialise(data))
    with app.server:
        prepare(app)
    app.server.env = {"CALLBOARD_KILL_POINT": point}
    app.server.start()
    with pytest.raises(NO_ANSWER):
        write(app)
    assert app.server.process.wait(PATIENCE_S) == -signal.SIGKILL
    app.server.env = {}
    with app.server:
        assert written(app) == 0
        expect_ok(write(app))
        assert written(app) == 20
