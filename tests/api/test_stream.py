"""GET /bp/stream tells a user's client when the user's board may have changed."""

import contextlib
import time

import pytest

from callboard import expect_ok, fresh_server
from streams import PATH, Stream, names_on_board

UNDER_TEN = {"logic": "&&", "conditions": [{"variable": "age", "logic": "<", "target": 10,
                                            "target_type": "number"}]}


def test_begins_with_the_revision(app):
    app.create_bulletin()
    for last_event_id in (None, "1", "7", "x"):
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        with Stream(app, "ann", headers) as stream:
            assert stream.answer.status == 200
            assert stream.answer.headers["Content-Type"] == "text/event-stream"
            assert stream.answer.headers["Cache-Control"] == "no-cache"
            assert stream.answer.headers["X-Accel-Buffering"] == "no"
            assert stream.next_revision() == 1
            assert 1000 <= stream.retry_ms <= 5000


def test_tells_of_every_write_to_the_board(app):
    with Stream(app, "ann") as stream:
        assert stream.next_revision() == 0
        bulletin = app.create_bulletin(bulletin_name="one")
        assert stream.next_revision() == 1
        assert names_on_board(app, "ann") == ["one"]
        path = f"{app.console}/bulletin_board"
        changes = {key: bulletin[key] for key in (
            "bulletin_id", "category", "bulletin_body", "valid_date_start", "valid_date_end",
            "bulletin_condition")}
        expect_ok(app.operator("PUT", path, changes | {"bulletin_name": "two"}))
        assert stream.next_revision() == 2
        assert names_on_board(app, "ann") == ["two"]
        expect_ok(app.operator("DELETE", path, {"id": bulletin["bulletin_id"]}))
        assert stream.next_revision() == 3
        assert names_on_board(app, "ann") == []


def test_tells_the_user_whose_attributes_changed(app):
    app.create_bulletin(bulletin_name="for children", bulletin_condition=UNDER_TEN)
    with Stream(app, "ann") as ann, Stream(app, "bob") as bob:
        assert ann.next_revision() == bob.next_revision() == 1
        expect_ok(app.backend("PATCH", "/bp/server/user/ann/info", {"attributes": {"age": 9}}))
        assert ann.next_revision() == 1
        assert names_on_board(app, "ann") == ["for children"]
        app.create_bulletin()
        assert bob.next_revision() == 2, "and nobody else"


def test_tells_when_a_window_opens_and_closes(app):
    now = int(time.time())
    app.create_bulletin(bulletin_name="brief", valid_date_start=now + 2, valid_date_end=now + 3)
    with Stream(app, "ann") as stream:
        assert stream.next_revision() == 1
        assert names_on_board(app, "ann") == []
        for edge in (2, 3):
            assert stream.next_revision() == 1
            assert now + edge <= time.time() < now + edge + 1
        assert names_on_board(app, "ann") == []


def test_tells_nothing_of_other_applications(demo, app):
    with Stream(app, "ann") as stream:
        assert stream.next_revision() == 0
        demo.create_bulletin()
        app.create_bulletin()
        assert stream.next_revision() == 1


def test_ends_when_the_session_is_revoked(app):
    first = expect_ok(app.backend("POST", "/bp/server/user/ann/session", {}))
    app.sessions["ann"] = first["session_token"]
    with Stream(app, "ann") as ann, Stream(app, "bob") as bob:
        assert ann.next_revision() == bob.next_revision() == 0
        for status in (200, 400):  # a refresh token is good for once; twice betrays a thief
            answer = app.call("signed", "POST", "/bp/session/refresh",
                              {"refresh_token": first["refresh_token"]})
            assert answer.status == status, answer
        assert ann.next() is None
        app.create_bulletin()
        assert bob.next_revision() == 1
    with Stream(app, "ann") as again:
        assert again.answer.status == 400


def test_ends_when_the_keys_change(app):
    with Stream(app, "ann") as stream:
        assert stream.next_revision() == 0
        keys = f"/api/workspace/{app.workspace_id}/application/{app.app_id}/keys"
        expect_ok(app.operator("POST", keys, {"kind": "server"}))
        assert stream.next() is None
    with Stream(app, "ann") as again:
        assert again.next_revision() == 0


def test_ends_when_the_token_expires(tmp_path):
    offset = 86_400 - 5
    with fresh_server(tmp_path / "data") as app:
        app.session("ann")
        app.server.stop()
        app.server.flags = ("--dev", f"--clock-offset={offset}")
        app.server.start()
        later = app.signed_headers("GET", PATH, app.session("ann"), t=int(time.time()) + offset)
        with Stream(app, "ann", later) as stream:
            assert stream.next_revision() == 0
            assert stream.next() is None
        with Stream(app, "ann", later) as stream:
            assert stream.answer.status == 400
            assert b"jwt token is expired" in stream.answer.read()


@pytest.mark.parametrize("who, error", [("nobody", "sig_invalid"), ("signed", "auth_failed"),
                                        ("backend", "sig_invalid"), ("operator", "sig_invalid")])
def test_is_for_users_alone(app, who, error):
    answer = app.call(who, "GET", PATH)
    assert answer.status == 400
    assert answer.json()["error"]["error_type"] == error


def test_head_and_other_methods(app):
    answer = app.client("ann", "HEAD", PATH)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
    assert app.client("ann", "POST", PATH).status == 405


def test_a_user_has_a_bounded_number(app):
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(Stream(app, "ann")) for _ in range(10)]
        assert [stream.next_revision() for stream in streams] == [0] * 10
        refused = app.client("ann", "GET", PATH)
        assert refused.status == 429
        assert refused.json()["error"]["message"] == \
            "too_many(this user already has 10 streams open)"
        assert int(refused.headers["Retry-After"]) > 0
        with Stream(app, "bob") as other:
            assert other.next_revision() == 0


def test_an_application_and_the_server_have_bounds(tmp_path):
    for setting in ("--max-streams=2", "--max-streams-per-app=2"):
        with fresh_server(tmp_path / setting, setting) as app:
            with Stream(app, "ann") as ann, Stream(app, "bob") as bob:
                assert ann.next_revision() == bob.next_revision() == 0
                refused = app.client("cat", "GET", PATH)
                assert (refused.status, refused.json()["error"]["error_type"]) == \
                    (503, "unavailable")
                assert "Retry-After" in refused.headers


def test_stopping_ends_streams_at_once(tmp_path):
    with fresh_server(tmp_path / "data", "--drain-timeout-ms=20000") as app:
        with Stream(app, "ann") as stream:
            assert stream.next_revision() == 0
            before = time.monotonic()
            app.server.stop()
            assert stream.next() is None
            assert time.monotonic() - before < 10
