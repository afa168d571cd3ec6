"""Validity windows hold at the exact second, and a wrong clock can be put on under --dev."""

import time

import pytest

from callboard import Server, expect_ok, fresh_server, initialise, run_cli

BOARD = "/bp/server/user/u/bulletin_board"


def watch(app, until: float) -> list[tuple[float, float, list[str]]]:
    """Reads the board without pause until then: (asked at, answered at, names)."""
    connection = app.server.connect()
    headers = {"X-BytePower-Auth-Token": app.backend_token()}
    seen = []
    while not seen or seen[-1][0] < until:
        asked = time.time()
        answer = expect_ok(app.server.request("GET", BOARD, headers, connection=connection))
        seen.append((asked, time.time(), [entry["name"] for entry in answer["bulletin_board"]]))
    connection.close()
    return seen


def test_a_window_opens_and_closes_at_its_second(app):
    """The start is inside and the end is not, also where a condition asks what time it is."""
    start = int(time.time()) + 2
    end = start + 1
    later = {"variable": "now", "logic": ">=", "target": start, "target_type": "datetime"}
    app.create_bulletin(bulletin_name="starts", valid_date_start=start)
    app.create_bulletin(bulletin_name="ends", valid_date_end=end)
    app.create_bulletin(bulletin_name="between", valid_date_start=start, valid_date_end=end)
    app.create_bulletin(bulletin_name="asks",
                        bulletin_condition={"logic": "&&", "conditions": [later]})
    holds = {"starts": lambda t: t >= start, "ends": lambda t: t < end,
             "between": lambda t: start <= t < end, "asks": lambda t: t >= start}
    seen = watch(app, end + 0.3)
    sure = {name: set() for name in holds}
    for asked, answered, names in seen:
        for name, inside in holds.items():
            if inside(asked) == inside(answered) and (asked >= end or answered < end):
                assert (name in names) == inside(asked), (name, asked - start, names)
                sure[name].add(inside(asked))
    assert all(both == {True, False} for both in sure.values()), "the test saw too little"


def test_the_tag_changes_with_the_window(app):
    start = int(time.time()) + 1
    app.create_bulletin(bulletin_name="starts", valid_date_start=start)
    before = app.backend("GET", BOARD)
    assert before.json() == {"bulletin_board": []} or time.time() >= start
    watch(app, start)
    after = app.backend("GET", BOARD, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status == 200 and after.headers["ETag"] != before.headers["ETag"], after


def test_two_servers_at_two_times(tmp_path):
    """The same data an hour on: what was to come is there, what was there is over."""
    now = int(time.time())
    data = tmp_path / "data"
    with fresh_server(data) as app:
        app.create_bulletin(bulletin_name="now", valid_date_end=now + 1800)
        app.create_bulletin(bulletin_name="later", valid_date_start=now + 1800)
        assert app.board_of("u") == ["now"]
        tag = app.backend("GET", BOARD).headers["ETag"]
    app.server = Server(data, "--dev", "--clock-offset=3600")
    with app.server:
        token = app.backend_token(exp=int(time.time()) + 3600 + 600)
        headers = {"X-BytePower-Auth-Token": token, "If-None-Match": tag}
        answer = expect_ok(app.server.request("GET", BOARD, headers))
        assert [entry["name"] for entry in answer["bulletin_board"]] == ["later"]
        stale = app.backend("GET", BOARD)  # good for 10 minutes of a clock that is an hour behind
        assert stale.text == ('{"error":{"message":"auth_failed(jwt token is expired)",'
                              '"error_type":"auth_failed"}}')


def test_session_tokens_end_after_a_day(tmp_path):
    data = tmp_path / "data"
    with fresh_server(data) as app:
        expect_ok(app.client("u", "GET", "/bp/bulletin_board"))
    for offset, good in ((86400 - 120, True), (86400 + 60, False)):
        app.server = Server(data, "--dev", f"--clock-offset={offset}")
        with app.server:
            headers = app.signed_headers("GET", "/bp/bulletin_board", app.session("u"),
                                         t=int(time.time()) + offset)
            response = app.call("nobody", "GET", "/bp/bulletin_board", headers=headers)
            if good:
                expect_ok(response)
            else:
                assert response.text == ('{"error":{"message":"auth_failed(jwt token is expired)",'
                                         '"error_type":"auth_failed"}}')


@pytest.mark.parametrize("flags", [["--clock-offset=5"], ["--dev", "--clock-offset=soon"]])
def test_the_clock_is_for_developers(tmp_path, flags):
    initialise(tmp_path / "data")
    result = run_cli("serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", *flags,
                     check=False)
    assert result.returncode != 0 and "clock" in result.stderr, result
