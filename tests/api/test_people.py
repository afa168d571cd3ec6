"""People who are logged in: what their cookies and tokens are good for, until when, and for which
pages; which application they are of, and who sees whom."""

import itertools
import json

import pytest

from callboard import b64url, expect_ok, fresh_server, jwt
from festival import (EVIL, FLAGS, FRONT, OTHER_PAGE, authorized_by, change, claims_of, msg_of,
                      query_of, visitor)
from members import Browser, member
from openid_provider import CHANNEL_ID, USER
from visitors import Visitor

_numbers = itertools.count(1)


# --- tokens --------------------------------------------------------------------------------------


@pytest.fixture
def alice(fest, line):
    browser = visitor(fest)
    assert browser.log_in(line).status == 302
    return browser


def refreshed_by(app, token, **headers):
    body = {"refresh_token": token}
    return visitor(app, None).call("POST", "/users/refresh_token", body, headers)


def test_refresh_by_cookie(alice):
    before = {name: alice.value(name) for name in ("access_token", "refresh_token")}
    answer = alice.call("POST", "/users/refresh_token")
    assert expect_ok(answer)["data"] == {"expires_in": 3600}
    assert answer.headers["Cache-Control"] == "no-store"
    for name, value in before.items():
        assert alice.value(name) not in ("", value) and alice.cookies[name]["httponly"]
    assert alice.logged_in_as() == USER


@pytest.mark.parametrize("origin", [EVIL, "null", None, FRONT + ".evil.example",
                                    "http://fest.example"])
def test_refresh_by_cookie_is_for_pages_of_allowed_origins(alice, origin):
    before = alice.value("refresh_token")
    alice.origin = origin
    assert alice.call("POST", "/users/refresh_token").status == 403
    alice.origin = FRONT
    assert alice.value("refresh_token") == before
    assert alice.call("POST", "/users/refresh_token").status == 200  # it was not used up


def test_refresh_by_body(fest, alice):
    answer = refreshed_by(fest, alice.value("refresh_token"))
    tokens = expect_ok(answer)["data"]
    assert "Set-Cookie" not in answer.headers
    assert set(tokens) == {"access_token", "refresh_token", "expires_in"}
    by_token = authorized_by(tokens["access_token"])
    profile = visitor(fest).call("GET", "/users/profile", None, by_token)
    assert expect_ok(profile)["data"]["id"] == USER
    assert refreshed_by(fest, tokens["refresh_token"]).status == 200


def test_a_token_that_is_used_again_ends_the_session(fest, alice):
    stolen = alice.value("refresh_token")
    expect_ok(alice.call("POST", "/users/refresh_token"))
    assert alice.logged_in_as() == USER
    assert refreshed_by(fest, stolen).status == 401
    assert alice.logged_in_as() is None
    assert alice.call("POST", "/users/refresh_token").status == 401


def test_sessions_end_one_by_one(fest, line, alice):
    other = visitor(fest)
    other.log_in(line)
    assert alice.call("POST", "/users/logout").status == 200
    assert other.logged_in_as() == USER


def test_bad_refresh_tokens(fest, line, alice, festivals):
    device = expect_ok(fest.backend("POST", f"/bp/server/user/{USER}/session", {}))
    good = alice.value("refresh_token")
    for token in ("", "x", "cbp_", "cbp_.x", f"cbp_{fest.app_id}.", f"cbp_{fest.app_id}.x",
                  "cbp_nothing.x", "cbp_../x.y", good + "x", good[:-1],
                  good.replace(fest.app_id, "demo"), alice.value("access_token"),
                  device["refresh_token"], "x" * 5000):
        assert refreshed_by(fest, token).status == 401, token
    assert visitor(fest).call("POST", "/users/refresh_token").status == 401
    for body in ([], {"refresh_token": 7}, {"refresh": good}):
        assert visitor(fest).call("POST", "/users/refresh_token", body).status == 400
    # A person's is none of a device.
    signed = fest.call("signed", "POST", "/bp/session/refresh", {"refresh_token": good})
    assert signed.status == 400
    assert refreshed_by(fest, good).status == 200


def test_log_out(fest, alice):
    access, refresh = alice.value("access_token"), alice.value("refresh_token")
    answer = alice.call("POST", "/users/logout")
    assert expect_ok(answer)["data"] is None
    lines = answer.headers.get_all("Set-Cookie")
    assert len(lines) == 2 and all("Max-Age=0" in each for each in lines)
    assert set(alice.cookies) == {"line_login"}
    profile = visitor(fest).call("GET", "/users/profile", None, authorized_by(access))
    assert profile.status == 401
    assert refreshed_by(fest, refresh).status == 401
    assert alice.call("POST", "/users/logout").status == 401  # nobody is logged in


def test_log_out_by_what_is_left(fest, line):
    """Once the access token's cookie is gone, the refresh token says whose session it is."""
    browser = visitor(fest)
    browser.log_in(line)
    access = browser.cookies.pop("access_token").value
    assert browser.call("POST", "/users/logout").status == 200
    assert visitor(fest).call("GET", "/users/profile", None, authorized_by(access)).status == 401
    bearer = visitor(fest, None)
    bearer.log_in(line)
    tokens = {name: bearer.cookies.pop(name).value for name in ("access_token", "refresh_token")}
    answer = bearer.call("POST", "/users/logout", None, authorized_by(tokens["access_token"]))
    assert answer.status == 200
    assert refreshed_by(fest, tokens["refresh_token"]).status == 401


@pytest.mark.parametrize("kept", [("access_token",), ("refresh_token",),
                                  ("access_token", "refresh_token")])
def test_no_other_page_logs_anybody_out(alice, kept):
    held = dict(alice.cookies)
    alice.cookies = {name: held[name] for name in kept}
    for origin in (EVIL, None):
        alice.origin = origin
        answer = alice.call("POST", "/users/logout")
        assert answer.status == 403 and "Set-Cookie" not in answer.headers
    alice.cookies, alice.origin = held, FRONT
    assert alice.logged_in_as() == USER


def test_the_app_is_the_refresh_tokens_where_nothing_else_names_one(festivals, line):
    """Several applications, no host of their own; the access token's cookie is gone after an hour,
    which names the application until then."""
    app = festivals.create_sibling(f"other-{next(_numbers)}")
    change(app, line=line.settings(), front_end_url=FRONT, allowed_origins=[FRONT])
    browser = Visitor(app, FRONT, {"X-App-ID": app.app_id})
    browser.log_in(line)
    browser.headers = {}
    browser.cookies.pop("access_token")
    assert browser.call("POST", "/users/refresh_token").status == 200
    assert browser.logged_in_as() == USER
    browser.cookies.pop("access_token")
    assert browser.call("POST", "/users/logout").status == 200
    assert set(browser.cookies) == {"line_login"}


def test_how_an_access_token_may_come(fest, alice):
    token = alice.value("access_token")
    for headers in ({"Authorization": f"Bearer {token}"}, {"Authorization": f"bearer {token}"},
                    {"Cookie": f"access_token={token}"}, {"Cookie": f"access_token=Bearer {token}"},
                    {"Cookie": f"a=b; access_token={token}; c=d"}):
        assert visitor(fest).call("GET", "/users/profile", None, headers).status == 200, headers


def test_what_is_no_access_token(fest, alice, festivals):
    token = alice.value("access_token")
    head, claims, signature = token.split(".")
    values = claims_of(token)
    other = festivals.create_sibling(f"other-{next(_numbers)}")
    bad = ["", "x", "a.b.c", token[:-2], f"{head}.{claims}.", f"{head}.{claims}", token + ".x",
           fest.session(USER), jwt(values, "", "none"), jwt(values, fest.client_key),
           jwt(values, fest.server_key), other.session(USER), alice.value("refresh_token"),
           f"{head}.{b64url(json.dumps(values | {'sub': 'bob'}).encode())}.{signature}",
           fest.backend_token()]
    for each in bad:
        for headers in (authorized_by(each), {"Cookie": f"access_token={each}"}):
            answer = visitor(fest).call("GET", "/users/profile", None, headers)
            assert answer.status == 401 and msg_of(answer), (each, answer)
    assert visitor(fest).call("GET", "/users/profile").status == 401
    basic = {"Authorization": "Basic eDp5"}
    assert visitor(fest).call("GET", "/users/profile", None, basic).status == 401


def test_an_access_token_is_a_session_token_too(fest, alice):
    token = alice.value("access_token")
    headers = fest.signed_headers("GET", "/bp/bulletin_board", token)
    assert fest.server.request("GET", "/bp/bulletin_board", headers).status == 200
    unsigned = {"X-BytePower-Session-Token": token, "X-App-ID": fest.app_id}
    assert fest.server.request("GET", "/bp/bulletin_board", unsigned).status == 400


def test_erasing_a_user_ends_their_session(fest, alice):
    expect_ok(fest.operator("DELETE", f"{fest.console}/users/{USER}"))
    assert alice.logged_in_as() is None
    assert alice.call("POST", "/users/refresh_token").status == 401


# --- pages of other origins ----------------------------------------------------------------------


def cors_of(answer):
    return (answer.headers["Access-Control-Allow-Origin"],
            answer.headers["Access-Control-Allow-Credentials"])


def test_allowed_pages_read_answers_and_errors(fest, alice):
    for browser, status in ((alice, 200), (visitor(fest), 401)):
        for origin in (FRONT, OTHER_PAGE):
            answer = browser.call("GET", "/users/profile", None, {"Origin": origin})
            assert answer.status == status and cors_of(answer) == (origin, "true")
            assert "Origin" in answer.headers["Vary"]
            exposed = answer.headers["Access-Control-Expose-Headers"]
            assert all(name in exposed for name in ("ETag", "X-Board-Revision", "Retry-After"))
    expired = visitor(fest).call("GET", "/users/profile", None,
                                 {"Cookie": "access_token=x", "Origin": FRONT})
    assert expired.status == 401 and cors_of(expired) == (FRONT, "true")


@pytest.mark.parametrize("origin", [
    EVIL, "null", "*", "https://fest.example:444", "http://fest.example", FRONT + "/",
    FRONT + ".evil.example", "https://evil-fest.example", "HTTPS://FEST.EXAMPLE", ""])
def test_other_pages_read_nothing(alice, origin):
    for method, path in (("GET", "/users/profile"), ("POST", "/users/refresh_token"),
                         ("OPTIONS", "/users/logout")):
        answer = alice.call(method, path, None,
                            {"Origin": origin, "Access-Control-Request-Method": "POST"})
        assert cors_of(answer) == (None, None), (method, path)


def test_preflights_of_a_post_of_json(fest):
    for path in ("/users/refresh_token", "/users/logout"):
        answer = visitor(fest).call("OPTIONS", path, None, {
            "Origin": FRONT, "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type"})
        assert answer.status == 204 and cors_of(answer) == (FRONT, "true")
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        assert "content-type" in answer.headers["Access-Control-Allow-Headers"].lower()
        assert int(answer.headers["Access-Control-Max-Age"]) > 0


def test_an_origin_of_another_application_is_none_of_this_one(fest, alice, festivals):
    other = festivals.create_sibling(f"other-{next(_numbers)}")
    change(other, allowed_origins=["https://other.example"])
    answer = alice.call("GET", "/users/profile", None, {"Origin": "https://other.example"})
    assert answer.status == 200 and cors_of(answer) == (None, None)
    alice.origin = "https://other.example"
    assert alice.call("POST", "/users/refresh_token").status == 403


def test_a_cookie_vouches_for_no_other_pages_writes(fest, alice):
    for origin in (EVIL, None, "null"):
        alice.origin = origin
        answer = alice.call("POST", "/users/events/delete/1")
        assert answer.status == 403 and msg_of(answer), origin
    alice.origin = FRONT
    assert alice.call("POST", "/users/events/delete/1").status != 403
    # What no browser adds by itself needs no Origin.
    bearer = visitor(fest, None)
    token = authorized_by(alice.value("access_token"))
    assert bearer.call("POST", "/users/events/delete/1", None, token).status == 200


def test_a_bad_cookie_is_nobody_where_anybody_may_read(fest, alice):
    for cookie in ("access_token=x", "access_token=", "refresh_token=x", "access_token=a.b.c"):
        answer = visitor(fest).call("GET", "/events", None, {"Cookie": cookie})
        assert answer.status == 200, cookie
    alice.call("POST", "/users/logout")
    assert alice.call("GET", "/events").status == 200


# --- which application ---------------------------------------------------------------------------


def test_which_application_a_request_is_for(tmp_path, line):
    with fresh_server(tmp_path / "data", *FLAGS) as app:
        change(app, line=line.settings(), front_end_url=FRONT)
        ask = app.server.request
        assert ask("GET", "/line-login/auth", {"Host": "any.example"}).status == 302  # the only one
        second = app.create_sibling("second")
        change(second, line=line.settings(channel_id="2"), front_end_url=FRONT,
               hosts=["second.example"])

        def channel(**headers):
            answer = ask("GET", "/line-login/auth",
                         {name.replace("_", "-"): value for name, value in headers.items()})
            location = answer.headers["Location"]
            return query_of(location)["client_id"] if location else answer.status

        assert channel(Host="any.example") == 404
        assert channel(Host="second.example") == channel(Host="SECOND.example") == "2"
        assert channel(Host="any.example", X_App_ID="demo") == CHANNEL_ID
        assert channel(Host="second.example", X_App_ID="demo") == CHANNEL_ID
        assert channel(Host="second.example", X_App_ID="nothing") == 404
        assert channel(Host="second.example", X_App_ID="../x") == 400
        browser = Visitor(app, headers={"X-App-ID": "demo"})
        browser.log_in(line)
        browser.headers = {"Host": "second.example"}  # the proof names its own
        assert browser.logged_in_as() == USER
        app.server.stop()
        app.server.flags = (*FLAGS, "--default-app", "second")
        app.server.start()
        assert channel(Host="any.example") == "2"


# --- people --------------------------------------------------------------------------------------


def test_who_sees_a_person(fest, line, alice, festivals):
    path = f"/users/{USER}"
    person = expect_ok(alice.call("GET", path))["data"]
    assert person == expect_ok(alice.call("GET", "/users/profile"))["data"]
    by_app = {"headers": {"X-App-ID": fest.app_id}}
    assert expect_ok(fest.operator("GET", path, **by_app))["data"] == person
    assert expect_ok(fest.backend("GET", path))["data"] == person
    assert expect_ok(fest.client(USER, "GET", path))["data"] == person
    line.user = "U" + "b" * 32
    bob = visitor(fest)
    bob.log_in(line)
    assert bob.call("GET", path).status == 403
    assert fest.client("carol", "GET", path).status == 403
    assert visitor(fest).call("GET", path).status == 401
    assert fest.operator("GET", "/users/nobody-there", **by_app).status == 404
    assert fest.operator("GET", "/users/%C3%A9", **by_app).status == 400
    editor, viewer = (fest.make_token(role) for role in ("editor", "viewer"))
    assert fest.call(f"token:{editor}", "GET", path, **by_app).status == 200
    assert fest.call(f"token:{viewer}", "GET", path, **by_app).status == 403
    other = festivals.create_sibling(f"other-{next(_numbers)}")
    assert other.backend("GET", path).status == 404
    # A token for one application alone speaks of that, whatever the header says.
    answer = fest.call(f"token:{editor}", "GET", path, headers={"X-App-ID": other.app_id})
    assert expect_ok(answer)["data"] == person
    answer = fest.operator("GET", path, headers={"X-App-ID": other.app_id})
    assert answer.status == 404


def test_people_page_by_page(fest, line):
    ids = sorted("U" + secrets_of * 32 for secrets_of in "0123456789ab")
    for user in ids:
        line.user = user
        visitor(fest).log_in(line)

    def people(query="", who="operator"):
        return fest.call(who, "GET", f"/users{query}", headers={"X-App-ID": fest.app_id})

    def listed(query=""):
        return [person["id"] for person in expect_ok(people(query))["data"]]

    assert listed() == ids[:10]
    assert listed("?page=2") == ids[10:]
    assert listed("?page=3&limit=5") == ids[10:]
    assert listed("?page=4&limit=5") == []
    assert listed("?limit=1000&page=") == ids
    for query in ("?page=0", "?page=-1", "?page=1.5", "?page=x", "?page=+1", "?limit=0",
                  "?limit=1001", "?limit=99999999999999999999", "?page=1000001", "?page=1%00"):
        assert people(query).status == 400, query
    assert people(who="nobody").status == 401
    assert people(who="backend").status == 401
    assert people(who=f"token:{fest.make_token('viewer')}").status == 403
    someone = visitor(fest)
    someone.log_in(line)
    assert someone.call("GET", "/users").status == 401


def test_a_member_sees_people_by_their_own_session(tmp_path, line):
    with fresh_server(tmp_path / "data", *FLAGS) as app:
        change(app, line=line.settings(), front_end_url=FRONT)
        Visitor(app).log_in(line)
        editor = member(app, "e@example.org", "editor")
        assert [each["id"] for each in editor.ok("GET", "/users")["data"]] == [USER]
        assert editor.ok("GET", f"/users/{USER}")["data"]["name"] == "Alice"
        assert Browser(app).call("GET", "/users").status == 401


def test_nobody_logs_in_without_line(fest):
    browser = visitor(fest)
    assert browser.call("GET", "/users/login/alice").status == 404
    assert browser.call("POST", "/users/register", {"name": "Alice"}).status == 405
    assert browser.cookies == {}


def test_developers_log_in_without_line(tmp_path):
    with fresh_server(tmp_path / "data", "--dev") as app:
        browser = Visitor(app)
        made = expect_ok(browser.call("POST", "/users/register", {"name": "Alice"}))["data"]
        tokens = expect_ok(browser.call("GET", f"/users/login/{made['id']}"))["data"]
        assert tokens["access_token"] == browser.value("access_token")
        assert browser.logged_in_as() == made["id"]
        assert browser.call("GET", "/users/login/%C3%A9").status == 400
        for body in ({}, {"name": 7}, {"name": "x", "id": "alice"}):
            assert Visitor(app).call("POST", "/users/register", body).status == 400


def test_what_is_refused_before_it_is_read_speaks_to_the_front_end(fest):
    """It reads `data.msg` of every status."""
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n"
    for path, shape in ((b"/users/events", {"msg", "data"}),
                        (b"/psycho-test/type-addcount", {"status", "message"})):
        answer = fest.server.raw(head % path)
        assert answer.startswith(b"HTTP/1.1 413 "), answer
        assert set(json.loads(answer.partition(b"\r\n\r\n")[2])) == shape
