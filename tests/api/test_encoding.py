"""Bytes that JSON must not carry, and texts it must carry unharmed."""

from urllib.parse import quote

import pytest

from callboard import expect_ok

HEAD = b'{"category":"","bulletin_body":"","valid_date_start":0,"bulletin_name":"'


@pytest.mark.parametrize("name", [
    b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3", b"a\x00b", b"a\x01b",
    b"a\nb", b"\\x41", b"\\ud83d",
])
def test_refused(app, name):
    response = app.operator("POST", f"{app.console}/bulletin_board", HEAD + name + b'"}')
    assert response.status == 400 and response.json()["error"]["message"], response
    assert expect_ok(app.operator("GET", f"{app.console}/bulletin_board"))["total"] == 0


@pytest.mark.parametrize("text", [
    "公告栏", "😀👩\u200d👩\u200d👧", "\"quotes\" and \\ and /", "<script>alert('x')</script>&amp;",
    "line\nbreaks\r\n\tand tabs", "e\u0301 is not é", "\u2028\u2029\ufeff", "\u0001\u001f\u007f",
    "'; DROP TABLE bulletins; --", "%s %n {0} ${x}", "\U0010ffff",
])
def test_passes_unharmed(app, text):
    """From the console to the reader, and back to the console."""
    created = app.create_bulletin(bulletin_name=text, category=text, bulletin_body=text)
    assert created["bulletin_name"] == text
    entry = expect_ok(app.backend("GET", "/bp/server/user/u/bulletin_board"))["bulletin_board"][0]
    assert (entry["name"], entry["category"], entry["body"]) == (text, text, text)
    expect_ok(app.backend("PUT", "/bp/server/user/u/info", {"attributes": {"t": text}}))
    assert expect_ok(app.backend("GET", "/bp/server/user/u/info"))["attributes"]["t"] == text
    app.server.restart()
    assert app.board_of("u") == [text]


@pytest.mark.parametrize("query", ["q=%ff", "category=%c3", "q=%ed%a0%80", "%ff=1", "q=a%00b"])
def test_a_url_that_is_not_utf8_is_refused(app, query):
    assert app.operator("GET", f"{app.console}/bulletin_board?{query}").status == 400


@pytest.mark.parametrize("wanted, count", [("ÄNDERUNG", 2), ("Änderung", 2), ("änderung", 0),
                                           ("NOVO", 1), ("ОVO", 0)])
def test_a_search_takes_ascii_letters_in_either_case(app, wanted, count):
    """And no others, on either database."""
    app.create_bulletin(bulletin_name="Änderung", category="novo")
    app.create_bulletin(bulletin_name="ÄNDERUNG", category="other")
    answer = app.operator("GET", f"{app.console}/bulletin_board?q={quote(wanted)}")
    assert expect_ok(answer)["total"] == count, answer
