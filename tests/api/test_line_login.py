"""People who log in with LINE Login: the way there and back, and what is believed of what comes
back. LINE is played by openid_provider."""

import json
import threading
import time
import urllib.parse

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import openid_provider
from callboard import b64url, expect_ok, fresh_server, jwt
from festival import EVIL, FLAGS, FRONT, OTHER_PAGE, change, claims_of, msg_of, query_of, visitor
from openid_provider import CHANNEL_ID, CHANNEL_SECRET, USER, Provider
from visitors import Visitor


# --- the way there and back ----------------------------------------------------------------------


def test_the_way_to_line(fest, line):
    one, other = visitor(fest), visitor(fest)
    departed = one.depart("/bikefest/main-stage")
    assert departed.status == 302 and departed.body == b""
    assert departed.headers["Cache-Control"] == "no-store"
    asked = query_of(departed.headers["Location"])
    assert departed.headers["Location"].startswith(f"{line.url}/oauth2/v2.1/authorize?")
    assert asked["response_type"] == "code" and asked["client_id"] == CHANNEL_ID
    assert asked["redirect_uri"] == f"http://{fest.host}/line-login/callback"
    assert set(asked["scope"].split(" ")) == {"profile", "openid"}
    assert asked["bot_prompt"] == "aggressive" and asked["prompt"] == "consent"
    assert asked["code_challenge_method"] == "S256"
    assert all(len(asked[name]) == 43 for name in ("state", "nonce", "code_challenge"))
    again = query_of(one.depart().headers["Location"])
    elsewhere = query_of(other.depart().headers["Location"])
    for name in ("state", "nonce", "code_challenge"):
        assert len({asked[name], again[name], elsewhere[name]}) == 3
    morsel = one.cookies["line_login"]
    assert morsel["httponly"] and not morsel["secure"] and morsel["samesite"] == "Lax"
    assert morsel["path"] == "/" and morsel["max-age"] == "600"
    assert morsel.value not in departed.headers["Location"]
    assert morsel.value != other.value("line_login")


def test_the_way_back(fest, line):
    browser = visitor(fest)
    arrived = browser.log_in(line, "/bikefest/main-stage")
    assert arrived.status == 302
    assert arrived.headers["Location"] == FRONT + "/bikefest/main-stage"
    assert arrived.headers["Cache-Control"] == "no-store"
    for name, life in (("access_token", 3600), ("refresh_token", 30 * 86400)):
        morsel = browser.cookies[name]
        assert morsel["httponly"] and morsel["samesite"] == "Lax" and not morsel["secure"]
        assert morsel["path"] == "/" and morsel["max-age"] == str(life) and not morsel["domain"]
    claims = claims_of(browser.value("access_token"))
    assert claims["exp"] - claims["iat"] == 3600 and claims["sub"] == USER
    profile = expect_ok(browser.call("GET", "/users/profile"))["data"]
    assert (profile["id"], profile["name"], profile["picture_url"]) == (USER, "Alice", line.picture)
    assert profile["deletedAt"] is None
    exported = expect_ok(fest.operator("GET", f"{fest.console}/users/{USER}/export"))
    assert exported["line_account"]["name"] == "Alice"


def test_a_second_login_brings_what_has_changed(fest, line):
    visitor(fest).log_in(line)
    line.name, line.picture = "Alice \u0000舞台" + "x" * 5000, None
    line.claims = {"picture": None}
    browser = visitor(fest)
    assert browser.log_in(line).status == 302
    profile = expect_ok(browser.call("GET", "/users/profile"))["data"]
    assert profile["name"].startswith("Alice 舞台xxx") and len(profile["name"].encode()) <= 2048
    assert profile["picture_url"] == ""


def test_cookies_are_secure_where_the_outer_scheme_is_https(fest, line):
    browser = visitor(fest, **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
    departed = browser.depart()
    assert query_of(departed.headers["Location"])["redirect_uri"] == \
        f"https://{fest.host}/line-login/callback"
    browser.arrive(line.authorize(departed.headers["Location"]))
    assert set(browser.cookies) == {"line_login", "access_token", "refresh_token"}
    assert all(morsel["secure"] for morsel in browser.cookies.values())


def test_a_proxy_that_is_not_trusted_makes_no_https(tmp_path, line):
    with fresh_server(tmp_path / "data", "--outgoing-allow", "127.0.0.1") as app:
        change(app, line=line.settings(), front_end_url=FRONT)
        browser = Visitor(app, FRONT, {"X-Forwarded-Proto": "https"})
        browser.log_in(line)
        assert not any(morsel["secure"] for morsel in browser.cookies.values())


def test_the_public_url_says_where_to_come_back_and_whose_cookies_they_are(tmp_path, line):
    with fresh_server(tmp_path / "data", *FLAGS, "--public-url",
                      "https://callboard.example/base/") as app:
        change(app, line=line.settings(), front_end_url=FRONT)
        browser = Visitor(app)
        departed = browser.depart()
        assert query_of(departed.headers["Location"])["redirect_uri"] == \
            "https://callboard.example/base/line-login/callback"
        browser.arrive(line.authorize(departed.headers["Location"]))
        assert {morsel["path"] for morsel in browser.cookies.values()} == {"/base"}
        browser.origin = "https://callboard.example"
        cleared = browser.call("POST", "/users/logout")
        assert cleared.status == 200 and set(browser.cookies) == {"line_login"}


@pytest.mark.parametrize("path, referer, target", [
    # The whole address in Referer once led to ".../main-stage/bikefest/main-stage".
    ("/bikefest/main-stage", FRONT + "/bikefest/main-stage", FRONT + "/bikefest/main-stage"),
    ("/bikefest/main-stage", FRONT + "/", FRONT + "/bikefest/main-stage"),
    ("/main-stage", None, FRONT + "/main-stage"),
    ("", None, FRONT + "/bikefest"),
    ("", FRONT + "/bikefest/main-stage", FRONT + "/bikefest"),
    ("/a", OTHER_PAGE + "/bikefest/", OTHER_PAGE + "/a"),
    ("/a", EVIL + "/bikefest", FRONT + "/a"),
    ("/a", FRONT + ".evil.example/", FRONT + "/a"),
    ("/a", "https://fest.example@evil.example/", FRONT + "/a"),
    ("/a", "nonsense", FRONT + "/a"),
    ("/a?tab=2", None, FRONT + "/a?tab=2"),
    ("%2Fa%3Ftab%3D2%26x%3D1%23top", None, FRONT + "/a?tab=2&x=1#top"),
    ("/%E8%88%9E%E5%8F%B0", None, FRONT + "/%E8%88%9E%E5%8F%B0"),
    ("/..//evil.example", None, FRONT + "/..//evil.example"),
    ("/@evil.example", None, FRONT + "/@evil.example"),
])
def test_where_a_login_ends(fest, line, path, referer, target):
    assert visitor(fest).log_in(line, path, referer).headers["Location"] == target


@pytest.mark.parametrize("path", [
    "//evil.example", "///evil.example", "/%5Cevil.example", "%5C%5Cevil.example", "/a%5Cb",
    "https://evil.example", "https:evil.example", "javascript:alert(1)", "evil.example",
    ".evil.example", "@evil.example", ":80@evil.example", "%2F%2Fevil.example", "/%09/evil.example",
    "%09//evil.example", "%20/a", "/a%0D%0ASet-Cookie:x=y", "/%00", "/%7F", "?x=1", "%23x", "/%ff",
    "/" + "a" * 2048,
])
def test_no_way_leads_elsewhere(fest, path):
    browser = visitor(fest)
    answer = browser.depart(path)
    assert answer.status == 400 and msg_of(answer)
    assert browser.cookies == {} and "Location" not in answer.headers


def test_without_a_channel_nobody_can_log_in(festivals, line):
    app = festivals.create_sibling("no-channel")
    app.host = "no-channel.example"
    change(app, hosts=[app.host], front_end_url=FRONT)
    assert visitor(app).depart().status == 422
    change(app, line=line.settings(channel_secret=None))
    assert visitor(app).depart().status == 422


def test_departures_are_counted_by_address(tmp_path, line):
    with fresh_server(tmp_path / "data", *FLAGS, "--logins-per-address", "2") as app:
        change(app, line=line.settings(), front_end_url=FRONT)
        answers = [Visitor(app, headers={"X-Forwarded-For": address}).depart()
                   for address in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2")]
        assert [answer.status for answer in answers] == [302, 302, 429, 302]
        assert int(answers[2].headers["Retry-After"]) >= 1


# --- the state -----------------------------------------------------------------------------------


def refused_state(answer, browser):
    assert answer.status == 400 and "begin again" in msg_of(answer)
    assert "access_token" not in browser.cookies


def test_a_state_that_nobody_was_given(fest, line):
    browser = visitor(fest)
    departed = browser.depart()
    back = line.authorize(departed.headers["Location"])
    state = query_of(back)["state"]
    for other in (state[:-1] + ("A" if state[-1] != "A" else "B"), "", "x" * 4000, "%27--"):
        refused_state(browser.arrive(back.replace(state, other)), browser)
    without = f"/line-login/callback?code={query_of(back)['code']}"
    refused_state(browser.call("GET", without), browser)
    assert browser.arrive(back).status == 302  # none of it used the right one up


def test_a_state_counts_once(fest, line):
    browser = visitor(fest)
    back = line.authorize(browser.depart().headers["Location"])
    assert browser.arrive(back).status == 302
    calls = len(line.calls)
    again = visitor(fest)
    again.cookies = {"line_login": browser.cookies["line_login"]}
    refused_state(again.arrive(back), again)
    assert len(line.calls) == calls  # LINE is not even asked


def test_a_state_is_of_one_browser(fest, line):
    """Else somebody could be logged in as another by a link (login CSRF)."""
    attacker, victim, bare = visitor(fest), visitor(fest), visitor(fest)
    back = line.authorize(attacker.depart().headers["Location"])
    victim.depart()
    refused_state(victim.arrive(back), victim)
    refused_state(bare.arrive(back), bare)
    assert attacker.arrive(back).status == 302


def test_two_tabs_at_once(fest, line):
    browser = visitor(fest)
    first = line.authorize(browser.depart("/one").headers["Location"])
    second = line.authorize(browser.depart("/two").headers["Location"])
    assert browser.arrive(second).headers["Location"] == FRONT + "/two"
    assert browser.arrive(first).headers["Location"] == FRONT + "/one"


def test_a_cookie_that_somebody_planted_is_not_kept(fest):
    browser = visitor(fest)
    departed = browser.call("GET", "/line-login/auth", None, {"Cookie": "line_login=known"})
    assert departed.status == 302 and len(browser.value("line_login")) == 43


def test_attempts_and_tokens_expire(tmp_path, line):
    with fresh_server(tmp_path / "data", *FLAGS, "--dev") as app:
        change(app, line=line.settings(), front_end_url=FRONT, allowed_origins=[FRONT])
        browser, late, later = (Visitor(app, FRONT) for _ in range(3))
        browser.log_in(line)
        back = line.authorize(late.depart().headers["Location"])
        just = line.authorize(later.depart().headers["Location"])
        shift(app, 590)
        assert later.arrive(just).status == 302
        shift(app, 601)
        refused_state(late.arrive(back), late)
        assert browser.logged_in_as() == USER
        shift(app, 3700)
        assert browser.logged_in_as() is None
        assert browser.call("POST", "/users/refresh_token").status == 200
        assert browser.logged_in_as() == USER
        shift(app, 31 * 86400)
        assert browser.call("POST", "/users/refresh_token").status == 401


def shift(app, seconds: int):
    app.server.stop()
    app.server.flags = (*FLAGS, "--dev", "--clock-offset", str(seconds))
    app.server.start()


# --- what LINE says ------------------------------------------------------------------------------

LINES_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
LINES_JWK = openid_provider.jwk_of(LINES_KEY, "line-1")


def es256(claims, key=LINES_KEY, key_id="line-1", **header):
    return jwt(claims, key, "ES256", {"kid": key_id} | header)


def hs256_under_the_public_key(claims):
    pem = LINES_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return jwt(claims, pem, header={"kid": "line-1"})


def without_signature(claims):
    return Provider.hs256(claims).rpartition(".")[0] + "."


def with_other_claims(claims):
    head, _, signature = Provider.hs256(claims).split(".")
    other = b64url(json.dumps(claims | {"sub": "U" + "f" * 32}).encode())
    return ".".join((head, other, signature))


GOOD_TOKENS = {
    "HS256 under the channel's secret": ({}, Provider.hs256),
    "ES256 under LINE's key": ({}, es256),
    "with claims that say nothing to us": ({"amr": ["pwd"], "auth_time": 1, "x": {"y": []}},
                                           Provider.hs256),
}
BAD_TOKENS = {
    "none": ({}, lambda claims: jwt(claims, "", "none")),
    "no signature": ({}, without_signature),
    "other claims than were signed": ({}, with_other_claims),
    "another secret": ({}, lambda claims: jwt(claims, CHANNEL_SECRET[::-1])),
    "an empty secret": ({}, lambda claims: jwt(claims, "")),
    "HS512": ({}, lambda claims: jwt(claims, CHANNEL_SECRET, "HS512")),
    "HS256 under LINE's public key": ({}, hs256_under_the_public_key),
    "ES256 by somebody else": ({}, lambda claims: es256(claims, OTHER_KEY)),
    "a key of its own": ({}, lambda claims: es256(
        claims, OTHER_KEY, jwk=openid_provider.jwk_of(OTHER_KEY, "line-1"))),
    "audience": ({"aud": "1650000002"}, Provider.hs256),
    "more audiences": ({"aud": [CHANNEL_ID, "1650000002"]}, Provider.hs256),
    "no audience": ({"aud": None}, Provider.hs256),
    "issuer": ({"iss": "https://access.line.me.evil.example"}, Provider.hs256),
    "no issuer": ({"iss": None}, Provider.hs256),
    "nonce": ({"nonce": "A" * 43}, Provider.hs256),
    "no nonce": ({"nonce": None}, Provider.hs256),
    "empty nonce": ({"nonce": ""}, Provider.hs256),
    "expired": ({"exp": 1_700_000_000}, Provider.hs256),
    "never expires": ({"exp": None}, Provider.hs256),
    "expires by text": ({"exp": "4000000000"}, Provider.hs256),
    "from the future": ({"iat": 4_000_000_000}, Provider.hs256),
    "no subject": ({"sub": None}, Provider.hs256),
    "a number as subject": ({"sub": 7}, Provider.hs256),
    "an odd subject": ({"sub": "../admin"}, Provider.hs256),
    "a long subject": ({"sub": "U" * 200}, Provider.hs256),
    "no token": ({}, None),
    "an empty token": ({}, lambda claims: ""),
    "a number": ({}, lambda claims: 7),
    "garbage": ({}, lambda claims: "a.b.c"),
    "two parts": ({}, lambda claims: "e30.e30"),
    "claims that are no object": ({}, lambda claims: jwt([1], CHANNEL_SECRET)),
    "claims that are no JSON": ({}, lambda claims: jwt(b"{", CHANNEL_SECRET)),
    "a deep one": ({}, lambda claims: jwt(b"[" * 20000, CHANNEL_SECRET)),
    "a long one": ({"x": "x" * 40_000}, Provider.hs256),
}


@pytest.mark.parametrize("what", GOOD_TOKENS)
def test_good_id_tokens(fest, line, what):
    line.claims, line.id_token = GOOD_TOKENS[what]
    line.certs = [{"kty": "RSA", "kid": "strange"}, openid_provider.jwk_of(OTHER_KEY, "line-0"),
                  LINES_JWK]
    browser = visitor(fest)
    assert browser.log_in(line).status == 302
    assert browser.logged_in_as() == USER


@pytest.mark.parametrize("what", BAD_TOKENS)
def test_bad_id_tokens(fest, line, what):
    line.claims, line.id_token = BAD_TOKENS[what]
    line.certs = [LINES_JWK]
    browser = visitor(fest)
    answer = browser.log_in(line)
    assert answer.status == 401 and "ID token" in msg_of(answer), answer
    assert set(browser.cookies) == {"line_login"}
    assert fest.operator("GET", f"{fest.console}/users/{USER}").status == 404


def test_lines_keys_are_fetched_once_and_again_when_they_rotate(fest, line):
    line.id_token, line.certs = es256, [LINES_JWK]
    for _ in range(3):
        assert visitor(fest).log_in(line).status == 302
    assert line.calls.count("/oauth2/v2.1/certs") == 1


def test_a_token_whose_key_cant_be_had_is_not_the_persons_fault(fest, line):
    line.id_token, line.certs = es256, None
    browser = visitor(fest)
    assert browser.log_in(line).status == 503
    assert set(browser.cookies) == {"line_login"}


def test_a_code_that_line_refuses(fest, line):
    browser = visitor(fest)
    back = line.authorize(browser.depart().headers["Location"])
    answer = browser.arrive(back.replace(query_of(back)["code"], "another"))
    assert answer.status == 401 and "code" in msg_of(answer)
    change(fest, line={"channel_secret": "wrong"})
    answer = browser.log_in(line)
    assert answer.status == 401 and set(browser.cookies) == {"line_login"}
    assert "client_secret" in fest.server.log_text()  # why, for whoever runs it


def test_a_code_is_needed(fest, line):
    for code in ("", "&code=", "&code=" + "x" * 2000):
        browser = visitor(fest)
        state = query_of(browser.depart().headers["Location"])["state"]
        answer = browser.call("GET", f"/line-login/callback?state={state}{code}")
        assert answer.status == 400
    assert line.calls == []


FAILURES = {
    "an error of LINE's": {"token_answer": (500, {"message": "oops"})},
    "no such path": {"token_answer": (404, {"message": "not found"})},
    "no JSON": {"token_answer": (200, b"<html>")},
    "no object": {"token_answer": (200, b"[]")},
    "nothing in it": {"token_answer": (200, {})},
    "a huge answer": {"token_answer": (200, b"{" + b" " * (4 << 20))},
    "somewhere else": {"token_answer": (302, {})},
    "the connection breaks": {"drops": True},
}


@pytest.mark.parametrize("what", FAILURES)
def test_when_line_is_of_no_use(fest, line, what):
    for name, value in FAILURES[what].items():
        setattr(line, name, value)
    browser = visitor(fest)
    answer = browser.log_in(line)
    assert answer.status == 503 and msg_of(answer).startswith("LINE: "), answer
    assert int(answer.headers["Retry-After"]) >= 1
    assert set(browser.cookies) == {"line_login"}
    line.token_answer, line.drops = None, False
    assert browser.log_in(line).status == 302


def test_when_line_is_not_there(fest, line):
    browser = visitor(fest)
    back = line.authorize(browser.depart().headers["Location"])
    line.server.shutdown()
    line.server.server_close()
    assert browser.arrive(back).status == 503


def test_line_is_only_called_where_it_may_be(tmp_path, line):
    with fresh_server(tmp_path / "data") as app:
        change(app, line=line.settings(), front_end_url=FRONT)
        answer = Visitor(app).log_in(line)
        assert answer.status == 503 and line.calls == []


def test_who_waits_for_line_holds_up_nobody_else(fest, line):
    """More logins than there are threads for requests wait, and all others are served."""
    line.hold = threading.Event()
    answers = []
    browsers = [visitor(fest) for _ in range(20)]
    threads = [threading.Thread(target=lambda one=one: answers.append(one.log_in(line)))
               for one in browsers]
    for thread in threads:
        thread.start()
    for _ in range(8):  # as many as log in at a time
        assert line.held.acquire(timeout=30)
    started = time.monotonic()
    for _ in range(20):
        expect_ok(fest.operator("GET", f"{fest.console}/settings"))
        assert visitor(fest).depart().status == 302
    assert time.monotonic() - started < 5  # LINE would be waited for twice as long
    line.hold.set()
    for thread in threads:
        thread.join()
    assert [answer.status for answer in answers] == [302] * 20


def test_who_says_no_comes_back_to_the_front_end(fest, line):
    for error, told in (("access_denied", "access_denied"), ("server_error", "server_error"),
                        ("<script>", "login_failed"), ("", "login_failed"),
                        ("a" * 65, "login_failed")):
        browser = visitor(fest)
        location = browser.depart("/bikefest/main-stage?x=1%23top").headers["Location"]
        arrived = browser.arrive(line.authorize(location, error))
        assert arrived.status == 302
        assert arrived.headers["Location"] == \
            f"{FRONT}/bikefest/main-stage?x=1&login_error={told}#top"
        assert set(browser.cookies) == {"line_login"}
        refused_state(browser.arrive(line.authorize(location)), browser)
    assert line.calls == []


def test_friends_only(fest, line):
    change(fest, login={"require_friend": True})
    browser = visitor(fest)
    page = browser.log_in(line, "/bikefest/main-stage?x=1%23%22%3E%3Cb%3E")
    assert page.status == 403 and page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["Cache-Control"] == "no-store" and "<b>" not in page.text
    assert set(browser.cookies) == {"line_login"}
    assert fest.operator("GET", f"{fest.console}/users/{USER}").status == 404
    (link,) = [part.split('"')[0] for part in page.text.split('href="')[1:]]
    again = urllib.parse.urljoin(f"http://{fest.host}/line-login/callback?code=x", link)
    url = urllib.parse.urlsplit(again)
    assert (url.netloc, url.path) == (fest.host, "/line-login/auth")
    line.friends.add(USER)
    departed = browser.call("GET", f"{url.path}?{url.query}")
    arrived = browser.arrive(line.authorize(departed.headers["Location"]))
    assert arrived.status == 302
    assert arrived.headers["Location"] == f"{FRONT}/bikefest/main-stage?x=1#%22%3E%3Cb%3E"
    assert browser.logged_in_as() == USER


@pytest.mark.parametrize("answer, status", [
    ((500, {}), 503), ((200, {}), 503), ((200, {"friendFlag": "true"}), 503),
    ((400, {"message": "There is no login bot linked to this channel."}), 422)])
def test_who_may_be_no_friend_does_not_get_in(fest, line, answer, status):
    change(fest, login={"require_friend": True})
    line.friendship_answer = answer
    browser = visitor(fest)
    refused = browser.log_in(line)
    assert refused.status == status and set(browser.cookies) == {"line_login"}
    assert answer[1].get("message", "") in msg_of(refused)


def test_tokens_in_the_query_where_the_application_wants_them(fest, line):
    change(fest, login={"tokens_in_query": True})
    browser = visitor(fest)
    location = browser.log_in(line, "/a?b=1%23top").headers["Location"]
    told = query_of(location)
    assert location.startswith(FRONT + "/a?b=1&access_token=") and location.endswith("#top")
    assert told["access_token"] == browser.value("access_token")
    assert told["refresh_token"] == browser.value("refresh_token")


@pytest.mark.parametrize("setting, scheme, same_site", [
    ("lax", "https", "Lax"), ("strict", "https", "Strict"), ("none", "https", "None"),
    ("none", "http", "Lax")])  # without Secure, browsers drop a None
def test_same_site_is_the_applications_choice(fest, line, setting, scheme, same_site):
    change(fest, login={"cookie_same_site": setting})
    browser = visitor(fest, **{"X-Forwarded-Proto": scheme})
    browser.log_in(line)
    assert browser.cookies["access_token"]["samesite"] == same_site
    assert browser.cookies["refresh_token"]["samesite"] == same_site
    assert browser.cookies["line_login"]["samesite"] == "Lax"  # or LINE's redirect would lose it
