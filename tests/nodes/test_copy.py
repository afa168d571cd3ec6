"""callboard db copy: a whole installation moves from SQLite to PostgreSQL."""

import contextlib
import shutil
import sqlite3

import pytest

import databases
from callboard import App, Server, expect_ok, fresh_server, run_cli


@pytest.fixture
def sqlite_installation(tmp_path, monkeypatch):
    """A folder with a bit of everything, its application, and what its users see."""
    data = tmp_path / "data"
    with monkeypatch.context() as patch:
        patch.setattr(databases, "SERVER", None)
        with fresh_server(data, "--demo") as app:
            app.create_bulletin(bulletin_name="Lichter\t\\N 緩衝區\n🚲", bulletin_body="\u2028\r\n")
            expect_ok(app.backend("PUT", "/bp/server/user/ann/info",
                                  {"attributes": {"n": 1e300, "s": "\\", "l": ["a", "b"]}}))
            app.session("ann")
            seen = what_is_seen(app)
    return data, app, seen


def what_is_seen(app: App):
    listed = expect_ok(app.operator("GET", f"{app.console}/bulletin_board?size=100"))["boards"]
    for bulletin in listed:
        del bulletin["served"]  # seen once more
    return [listed,app.board_of("alice"), app.board_of("bob"),
            expect_ok(app.backend("GET", "/bp/server/user/ann/info")),
            expect_ok(app.client("ann", "GET", "/bp/bulletin_board"))]


def copy(data, *flags, check=True):
    return run_cli("db", "copy", "--from", f"sqlite:{data}/callboard.db", *flags, check=check)


def test_everybody_sees_what_they_saw(sqlite_installation, tmp_path):
    data, app, seen = sqlite_installation
    url = databases.url_of(tmp_path / "target")
    copied = copy(data, "--to", url)
    assert "copied 4 rows of users, checksum " in copied.stdout and "server key" in copied.stdout
    assert "users: 4 of 4 rows" in copied.stderr
    node = tmp_path / "node"
    node.mkdir()
    shutil.copy2(data / "server.key", node)
    with Server(node, "--database", url) as app.server:
        assert what_is_seen(app) == seen
        app.create_bulletin(bulletin_name="one more")
        expect_ok(app.operator("GET", "/api/workspace/default/audit"))
    assert "nothing is wrong" in run_cli("check", "--data", node, "--database", url).stdout


def test_the_target_may_be_the_setting(sqlite_installation, tmp_path):
    data, *_ = sqlite_installation
    url = databases.url_of(tmp_path / "target")
    run_cli("db", "copy", env={"CALLBOARD_DATA": str(data), "CALLBOARD_DATABASE": url})
    assert databases.execute(tmp_path / "target", "SELECT count(*) FROM users") == [(4,)]


def test_a_target_with_rows_is_refused_and_stays_as_it_was(sqlite_installation, tmp_path):
    data, *_ = sqlite_installation
    target = tmp_path / "target"
    run_cli("init", "--data", target, "--database", databases.url_of(target))
    before = databases.execute(target, "SELECT * FROM app_keys ORDER BY key_id")
    refused = copy(data, "--to", databases.url_of(target), check=False)
    assert refused.returncode == 1 and "target is not empty" in refused.stderr
    assert databases.execute(target, "SELECT * FROM app_keys ORDER BY key_id") == before


def test_what_cannot_be_copied_leaves_nothing(sqlite_installation, tmp_path):
    """The last table's last row is wrong: not even the first table's rows are there."""
    data, *_ = sqlite_installation
    with contextlib.closing(sqlite3.connect(data / "callboard.db")) as database, database:
        database.execute("UPDATE users SET attributes = CAST(x'ff' AS TEXT)"
                         " WHERE user_id = 'carol'")
    target = tmp_path / "target"
    refused = copy(data, "--to", databases.url_of(target), check=False)
    assert refused.returncode == 1 and "users" in refused.stderr, refused
    assert databases.execute(target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") \
        == [(0,)]


def test_the_other_way_round_is_refused(tmp_path):
    url = databases.url_of(tmp_path / "target")
    refused = run_cli("db", "copy", "--from", url, "--to", f"sqlite:{tmp_path}/x", check=False)
    assert refused.returncode == 2 and "postgres://" in refused.stderr
    assert not (tmp_path / "x").exists()
