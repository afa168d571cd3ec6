"""Members: set-up, sign-in, invitations, resets, and what hostile browsers try."""

import re
import time

import pytest

import databases
from callboard import Server, expect_ok, fresh_server, run_cli
from members import PASSWORD, Browser, command, member

WORKSPACE = "/api/workspace/default"
UNLIMITED = ("--sign-ins-per-account", "0", "--sign-ins-per-address", "0")


@pytest.fixture
def app(tmp_path):
    with fresh_server(tmp_path / "data", *UNLIMITED) as app:
        yield app


@pytest.fixture
def owner(app):
    return member(app, "owner@example.org", "owner")


def invite(browser, email, role="editor") -> dict:
    return browser.ok("POST", f"{WORKSPACE}/invitations", {"email": email, "role": role})


def actions(browser) -> list[str]:
    return [entry["action"] for entry in browser.ok("GET", f"{WORKSPACE}/audit")["entries"]]


# --- the first member --------------------------------------------------------------------------


def test_the_set_up_link_makes_the_first_member_once(app):
    token = command(app, "member", "setup-link")["token"]
    browser = Browser(app)
    seen = browser.ok("POST", "/api/link/look", {"token": token})
    assert (seen["kind"], seen["email"], seen["is_member"]) == ("setup", None, False)
    assert browser.use(token, name="Ann").json()["error"]["details"][0]["pointer"] == "/email"
    signed_in = expect_ok(browser.use(token, name="Ann", email="Ann@Example.org"))
    assert signed_in["email"] == "ann@example.org"
    assert signed_in["workspaces"] == [
        {"workspace_id": "default", "name": "Default", "role": "owner"}]
    assert browser.ok("GET", "/api/me")["name"] == "Ann"
    assert Browser(app).use(token, name="Eve", email="eve@example.org").status == 404
    refused = run_cli("member", "setup-link", "--data", app.server.data, check=False)
    assert refused.returncode == 1 and "there is a member already" in refused.stderr


def test_serve_prints_a_set_up_link_until_there_is_a_member(app):
    """On standard output only; and the one before no longer works."""
    def printed():
        process = app.server
        process.stop()
        process.start()
        return [line for line in process.printed if "set up" in line]

    first, second = printed(), printed()
    assert len(first) == len(second) == 1 and first != second
    tokens = [re.search(r"/link#(cbl_[\w-]+)\n", lines[0])[1] for lines in (first, second)]
    browser = Browser(app)
    assert browser.use(tokens[0], name="Ann", email="ann@example.org").status == 404
    expect_ok(browser.use(tokens[1], name="Ann", email="ann@example.org"))
    assert printed() == []
    assert "cbl_" not in app.server.log_text()


# --- in and out --------------------------------------------------------------------------------


def test_signs_in_and_out(app, owner):
    browser = Browser(app)
    assert browser.sign_in("owner@example.org", "wrong horse battery").status == 401
    assert browser.sign_in("OWNER@example.org").status == 200
    cookie = browser.sign_in("owner@example.org").headers["Set-Cookie"]
    assert re.fullmatch(r"callboard_session=cbm_[\w-]{43}; Path=/; HttpOnly; SameSite=Lax; "
                        r"Max-Age=604800", cookie)
    kept = dict(browser.cookies)
    browser.ok("GET", f"{WORKSPACE}/members")
    browser.ok("DELETE", "/api/session")
    browser.cookies = kept
    assert browser.call("GET", "/api/me").status == 401
    owner.ok("GET", "/api/me")  # the other browser stays


def test_over_https_the_cookie_is_secure(tmp_path):
    with fresh_server(tmp_path / "data", "--trusted-proxies", "127.0.0.1") as app:
        browser = member(app, "a@example.org", "owner")
        browser.origin = None
        https = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
        answer = browser.call("POST", "/api/session", headers=https,
                              body={"email": "a@example.org", "password": PASSWORD})
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-callboard_session=") and cookie.endswith("; Secure")
        browser.cookies.pop("callboard_session")
        assert browser.call("GET", "/api/me", headers=https).status == 200
        assert browser.call("GET", "/api/me").status == 401


def test_a_session_is_never_the_visitors_choice(app, owner):
    """Session fixation: signing in makes a new secret, and the one brought along is worthless."""
    victim = Browser(app)
    victim.cookies["callboard_session"] = planted = "cbm_" + "A" * 43
    expect_ok(victim.sign_in("owner@example.org"))
    assert victim.cookies["callboard_session"] != planted
    former = dict(victim.cookies)
    expect_ok(victim.sign_in("owner@example.org"))
    for cookies in ({"callboard_session": planted}, former):
        attacker = Browser(app)
        attacker.cookies = cookies
        assert attacker.call("GET", "/api/me").status == 401


def test_sessions_and_links_end(tmp_path):
    """The server's clock goes ahead: 13 hours unused, 8 days in all, links after their time."""
    data = tmp_path / "data"
    with fresh_server(data) as app:
        browser = member(app, "a@example.org", "owner")
        invitation = invite(browser, "b@example.org")
        reset = command(app, "member", "reset-link", "a@example.org")
    for hours, idle, reset_works in ((11, 200, 200), (13, 401, 200), (25, 401, 404)):
        with Server(data, "--dev", "--clock-offset", str(hours * 3600)) as server:
            app.server = browser.app.server = server
            browser.origin = server.url
            assert browser.call("POST", "/api/link/look",
                                {"token": reset["token"]}).status == reset_works
            if hours != 11:  # using it would keep it alive
                assert browser.call("GET", "/api/me").status == idle
    with Server(data, "--dev", "--clock-offset", str(8 * 86400)) as server:
        app.server = server
        assert Browser(app).use(invitation["token"], name="B").status == 404


def test_a_session_lasts_a_week_at_most(tmp_path):
    data = tmp_path / "data"
    with fresh_server(data) as app:
        browser = member(app, "a@example.org", "owner")
    statuses = []
    for half_days in range(1, 16):
        with Server(data, "--dev", "--clock-offset", str(half_days * 43_000)) as server:
            app.server = server
            statuses.append(browser.call("GET", "/api/me").status)
    assert statuses == [200] * 14 + [401]


def test_sign_in_is_throttled_by_account_and_by_address(tmp_path):
    with fresh_server(tmp_path / "data", "--sign-ins-per-address", "12") as app:
        member(app, "a@example.org", "owner")
        browser = Browser(app)
        statuses = [browser.sign_in("a@example.org", "guess number x").status for _ in range(6)]
        assert statuses == [401] * 5 + [429]
        refused = browser.sign_in("a@example.org")  # not even with the right one
        assert refused.status == 429 and int(refused.headers["Retry-After"]) >= 1
        statuses = [browser.sign_in(f"x{n}@example.org").status for n in range(8)]
        assert 429 in statuses and statuses[0] == 401 and set(statuses) == {401, 429}


def test_a_missing_account_takes_as_long_as_a_wrong_password(app, owner):
    def seconds(email):
        start = time.perf_counter()
        assert Browser(app).sign_in(email, "wrong horse battery").status == 401
        return time.perf_counter() - start

    known = min(seconds("owner@example.org") for _ in range(5))
    unknown = min(seconds("nobody@example.org") for _ in range(5))
    assert 0.5 < known / unknown < 2


# --- other sites -------------------------------------------------------------------------------


def test_a_cookie_needs_a_page_of_our_own(app, owner):
    body = {"email": "b@example.org", "role": "viewer"}
    path = f"{WORKSPACE}/invitations"

    def status(origin, headers=None):
        owner.origin = origin
        return owner.call("POST", path, body, headers).status

    port = app.server.port
    for origin in (None, "null", "https://evil.example", f"https://127.0.0.1:{port}",
                   f"http://127.0.0.1:{port}.evil.example", f"http://127.0.0.1:{port + 1}", ""):
        assert status(origin) == 403, origin
    for site in ("cross-site", "same-site", "none"):
        assert status(None, {"Sec-Fetch-Site": site}) == 403
    assert status("https://evil.example", {"Sec-Fetch-Site": "same-origin"}) == 403
    assert owner.ok("GET", path) == {"invitations": []}
    assert status(None, {"Sec-Fetch-Site": "same-origin"}) == 200
    assert status(app.server.url) == 200


def test_another_site_signs_nobody_in(app, owner):
    browser = Browser(app)
    browser.origin = "https://evil.example"
    assert browser.sign_in("owner@example.org").status == 403
    browser.origin = None
    assert browser.sign_in("owner@example.org").status == 200


def test_the_public_url_is_our_own(tmp_path):
    with fresh_server(tmp_path / "data", "--public-url", "https://board.example.org/base/") as app:
        browser = member(app, "a@example.org", "owner")
        browser.origin = "https://board.example.org"
        made = invite(browser, "b@example.org")
        assert made["link"] == "https://board.example.org/base/link#" + made["token"]


# --- roles and invitations ---------------------------------------------------------------------


def test_an_invitation_makes_a_member_once(app, owner):
    made = invite(owner, "Bob@Example.org", "editor")
    assert made["token"] not in owner.call("GET", f"{WORKSPACE}/invitations").text
    bob = Browser(app)
    assert bob.use(made["token"]).json()["error"]["details"][0]["pointer"] == "/name"
    short = bob.use(made["token"], name="Bob", password="short")
    assert short.json()["error"]["details"][0]["pointer"] == "/password"
    joined = expect_ok(bob.use(made["token"], name="Bob"))
    assert joined["workspaces"][0]["role"] == "editor"
    assert Browser(app).use(made["token"], name="Eve").status == 404
    assert owner.ok("GET", f"{WORKSPACE}/invitations") == {"invitations": []}
    assert bob.call("GET", f"{WORKSPACE}/members").status == 403
    bob.ok("GET", f"{WORKSPACE}/application")
    assert actions(owner)[:2] == ["member.join", "invitation.create"]


def test_an_invitation_does_not_open_an_account_that_is_there(app, owner):
    """Whoever sees the link needs the member's own password; the role is only ever raised."""
    made = invite(owner, "owner@example.org", "viewer")
    attacker = Browser(app)
    taken = attacker.use(made["token"], name="Eve", password="a password of mine")
    assert taken.status == 401
    assert expect_ok(attacker.use(made["token"]))["workspaces"][0]["role"] == "owner"


def test_a_withdrawn_invitation_is_dead(app, owner):
    made = invite(owner, "b@example.org")
    path = f"{WORKSPACE}/invitations/{made['invitation_id']}"
    owner.ok("DELETE", path)
    assert owner.call("DELETE", path).status == 404
    assert Browser(app).use(made["token"], name="B").status == 404
    first, second = invite(owner, "c@example.org"), invite(owner, "c@example.org")
    assert Browser(app).use(first["token"], name="C").status == 404
    assert Browser(app).use(second["token"], name="C").status == 200


def test_nobody_gives_or_changes_more_than_they_have(app, owner):
    admin = member(app, "admin@example.org", "admin")
    viewer = member(app, "viewer@example.org", "viewer")
    members = f"{WORKSPACE}/members"
    for method, path, body in (
            ("POST", f"{WORKSPACE}/invitations", {"email": "x@example.org", "role": "owner"}),
            ("POST", f"{WORKSPACE}/tokens", {"label": "x", "role": "owner"}),
            ("PATCH", f"{members}/{viewer.member_id}", {"role": "owner"}),
            ("PATCH", f"{members}/{admin.member_id}", {"role": "owner"}),
            ("PATCH", f"{members}/{owner.member_id}", {"role": "viewer"}),
            ("DELETE", f"{members}/{owner.member_id}", None),
            ("POST", f"{members}/{owner.member_id}/reset_link", None)):
        assert admin.call(method, path, body).status == 403, path
    tokens = owner.ok("GET", f"{WORKSPACE}/tokens")["tokens"]
    assert admin.call("DELETE", f"{WORKSPACE}/tokens/{tokens[0]['token_id']}").status == 403
    admin.ok("PATCH", f"{members}/{viewer.member_id}", {"role": "admin"})
    viewer.ok("GET", members)
    admin.ok("DELETE", f"{members}/{viewer.member_id}")
    assert viewer.call("GET", members).status == 404
    assert viewer.ok("GET", "/api/workspace") == {"workspaces": []}


def test_a_workspace_keeps_an_owner(app, owner):
    path = f"{WORKSPACE}/members/{owner.member_id}"
    assert owner.call("PATCH", path, {"role": "admin"}).status == 409
    assert owner.call("DELETE", path).status == 409
    refused = run_cli("member", "remove", "owner@example.org", "--data", app.server.data,
                      check=False)
    assert refused.returncode == 1 and "needs an owner" in refused.stderr
    second = member(app, "second@example.org", "owner")
    second.ok("DELETE", path)
    assert owner.call("GET", f"{WORKSPACE}/members").status == 404


# --- passwords ---------------------------------------------------------------------------------


def test_a_reset_link_changes_the_password_and_ends_all_sessions(app, owner):
    bob = member(app, "bob@example.org", "editor")
    made = owner.ok("POST", f"{WORKSPACE}/members/{bob.member_id}/reset_link")
    again = Browser(app)
    expect_ok(again.use(made["token"], password="another password"))
    assert bob.call("GET", "/api/me").status == 401
    assert bob.sign_in("bob@example.org").status == 401
    expect_ok(bob.sign_in("bob@example.org", "another password"))
    assert Browser(app).use(made["token"], password="yet another one").status == 404
    assert actions(owner)[:2] == ["member.password", "member.reset_link"]


def test_a_reset_link_is_no_way_into_another_workspace(app, owner):
    bob = member(app, "bob@example.org", "editor")
    link = f"{WORKSPACE}/members/{bob.member_id}/reset_link"
    made = owner.ok("POST", link)
    command(app, "member", "role", "bob@example.org", "owner")
    assert Browser(app).use(made["token"]).status == 404  # it was for an editor
    bob.ok("POST", "/api/workspace", {"name": "Bob's own"})
    assert owner.call("POST", link).status == 403


def test_changes_the_own_password(app, owner):
    other = Browser(app)
    expect_ok(other.sign_in("owner@example.org"))
    wanted = {"current": PASSWORD, "new": "another password"}
    assert owner.call("PUT", "/api/me/password", wanted | {"current": "wrong"}).status == 401
    assert owner.call("PUT", "/api/me/password", wanted | {"new": "short"}).status == 400
    owner.ok("PUT", "/api/me/password", wanted)
    owner.ok("GET", "/api/me")
    assert other.call("GET", "/api/me").status == 401
    expect_ok(other.sign_in("owner@example.org", "another password"))


def test_no_secret_lies_in_the_database_or_the_log(app, owner):
    made = invite(owner, "b@example.org")
    token = owner.ok("POST", f"{WORKSPACE}/tokens", {"label": "x", "role": "viewer"})["secret"]
    log = app.server.log_text()
    content = databases.content_of(app.server.data)
    for secret in (PASSWORD, made["token"], token, owner.cookies["callboard_session"]):
        assert secret not in log
        assert secret.encode() not in content
    assert b"$argon2id$v=19$m=65536," in content


# --- tokens and workspaces ---------------------------------------------------------------------


def test_a_token_gives_no_more_than_its_maker_has(app, owner):
    admin = member(app, "admin@example.org", "admin")
    made = admin.ok("POST", f"{WORKSPACE}/tokens", {"label": "ci", "role": "admin"})

    def call(secret, method, path, body=None):
        return app.call(f"token:{secret}", method, path, body)

    child = expect_ok(call(made["secret"], "POST", f"{WORKSPACE}/tokens",
                           {"label": "child", "role": "editor"}))
    assert child["member_id"] == admin.member_id
    command(app, "member", "role", "admin@example.org", "viewer")
    me = expect_ok(call(made["secret"], "GET", "/api/me"))
    assert me["role"] == "viewer"
    assert call(child["secret"], "POST", f"{app.console}/bulletin_board", {}).status == 403
    owner.ok("DELETE", f"{WORKSPACE}/members/{admin.member_id}")
    for secret in (made["secret"], child["secret"]):
        assert call(secret, "GET", "/api/me").status == 401


def test_a_tokens_token_does_not_outlive_it(app, owner):
    short = owner.ok("POST", f"{WORKSPACE}/tokens",
                     {"label": "hour", "role": "admin", "expires_in": 3600})
    child = expect_ok(app.call(f"token:{short['secret']}", "POST", f"{WORKSPACE}/tokens",
                               {"label": "child", "role": "viewer"}))
    assert child["expires_at"] == short["expires_at"]
    owner.ok("DELETE", f"{WORKSPACE}/tokens/{short['token_id']}")
    assert app.call(f"token:{short['secret']}", "GET", "/api/me").status == 401


@pytest.mark.parametrize("body, pointer", [
    ({"role": "viewer"}, "/label"), ({"label": "", "role": "viewer"}, "/label"),
    ({"label": "x"}, "/role"), ({"label": "x", "role": "king"}, "/role"),
    ({"label": "x", "role": "viewer", "apps": []}, "/apps"),
    ({"label": "x", "role": "viewer", "apps": ["nothing"]}, "/apps"),
    ({"label": "x", "role": "viewer", "apps": [1]}, "/apps"),
    ({"label": "x", "role": "viewer", "expires_in": 1}, "/expires_in"),
    ({"label": "x", "role": "viewer", "scope": "all"}, "/scope")])
def test_names_the_culprit_of_a_bad_token(demo, body, pointer):
    answer = demo.operator("POST", f"{WORKSPACE}/tokens", body)
    assert answer.status == 400
    assert answer.json()["error"]["details"][0]["pointer"] == pointer


def test_a_new_workspace_is_its_makers_alone(app, owner):
    admin = member(app, "admin@example.org", "admin")
    editor = member(app, "editor@example.org", "editor")
    assert editor.call("POST", "/api/workspace", {"name": "x"}).status == 403
    assert app.operator("POST", "/api/workspace", {"name": "x"}).status == 403
    made = admin.ok("POST", "/api/workspace", {"name": "Second"})
    path = f"/api/workspace/{made['workspace_id']}"
    application = admin.ok("POST", f"{path}/application", {"app_id": "second", "name": "Second"})
    assert application["app_id"] == "second"
    for stranger in (owner, editor):
        assert stranger.call("GET", f"{path}/application").status == 404
        assert stranger.call("GET", f"{WORKSPACE}/application/second/settings").status == 404
    assert admin.call("DELETE", path, {"confirm": "default"}).status == 400
    admin.ok("DELETE", path, {"confirm": made["workspace_id"]})
    assert admin.call("GET", f"{path}/application").status == 404


def test_a_deleted_application_is_gone_for_good(app, owner):
    other = app.create_sibling("other")
    other.create_bulletin(bulletin_name="old")
    assert other.board_of("u") == ["old"]
    token = other.make_token("viewer")
    admin = member(app, "admin@example.org", "admin")
    assert admin.call("DELETE", other.console, {"confirm": "other"}).status == 403
    for body in ({}, {"confirm": "demo"}, {"confirm": 1}):
        assert owner.call("DELETE", other.console, body).status == 400
    owner.ok("DELETE", other.console, {"confirm": "other"})
    assert other.backend("GET", "/bp/server/user/u/bulletin_board").status == 400
    assert owner.call("GET", f"{other.console}/settings").status == 404
    assert app.call(f"token:{token}", "GET", f"{other.console}/settings").status == 404
    assert actions(owner)[0] == "application.delete"
    again = app.create_sibling("other")
    assert again.board_of("u") == []
    assert other.backend("GET", "/bp/server/user/u/bulletin_board").status == 400
    assert not databases.owes_foreign_keys(app.server.data)
