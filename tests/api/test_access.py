"""Every operator's route of the route table, tried by everybody: nobody, each role by cookie and by
token, those of another workspace, and a token for another application."""

import json

import pytest

from callboard import expect_ok, fresh_server, run_cli
from members import Browser, command, member

ROLES = ["viewer", "editor", "admin", "owner"]
NO_WORKSPACE = (404, "there is no such workspace")
NO_APPLICATION = (404, "there is no such application")
NOBODY = (401, "api token is missing")
FOREIGN_PAGE = (403, "this needs an Origin header that is this server's own "
                     "(is public_url set right?)")
OTHER_APPS = (403, "this api token is for some applications only")
NOT_THE_HOST = (403, "this needs an API token made on the server's command line")
GATES = {NO_WORKSPACE, NO_APPLICATION, NOBODY, FOREIGN_PAGE, OTHER_APPS, NOT_THE_HOST,
         *((403, f"this needs the role {role}") for role in ROLES)}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The callers by name; each is a function of method, target and headers."""
    limits = ("--sign-ins-per-account", "0", "--sign-ins-per-address", "0")
    with fresh_server(tmp_path_factory.mktemp("access") / "data", *limits) as app:
        app.create_sibling("other")
        by_cookie = {role: member(app, f"{role}@example.org", role) for role in ROLES}
        made = by_cookie["owner"].ok("POST", "/api/workspace", {"name": "Second"})
        second = made["workspace_id"]
        command(app, "app", "create", "theirs", "--name", "Theirs", "--workspace", second)
        tokens = {f"{role} by token": command(app, "token", "create", "t", role)["secret"]
                  for role in ROLES}
        tokens["token of another workspace"] = command(
            app, "token", "create", "t", "owner", "--workspace", second)["secret"]
        tokens["token of another app"] = command(
            app, "token", "create", "t", "owner", "--app", "other")["secret"]
        browsers = {f"{role} by cookie": browser for role, browser in by_cookie.items()}
        browsers["member of another workspace"] = member(app, "x@example.org", "owner", second)
        browsers["nobody"] = Browser(app)
        yield app, browsers, tokens


@pytest.fixture(scope="module")
def routes(tmp_path_factory):
    data = tmp_path_factory.mktemp("routes") / "data"
    lines = run_cli("serve", "--print-routes", "--data", data).stdout.splitlines()
    return [route for route in map(json.loads, lines) if route["access"] in (*ROLES, "host")]


def expected(who: str, route: dict):
    """How the gate refuses; None where the caller may pass."""
    in_workspace, in_app = "{workspace_id}" in route["path"], "{app_id}" in route["path"]
    if who == "nobody":
        return NOBODY
    if route["access"] == "host" and not who.endswith(" by token") and "token of" not in who:
        return NOT_THE_HOST
    if "another workspace" in who:
        return NO_WORKSPACE if in_workspace else None
    if who == "token of another app":
        is_for_whole = in_workspace or route["access"] != "viewer"
        return NO_APPLICATION if in_app else OTHER_APPS if is_for_whole else None
    role = who.split(" ")[0]
    needed = "owner" if route["access"] == "host" else route["access"]
    may = ROLES.index(role) >= ROLES.index(needed)
    return None if may else (403, f"this needs the role {needed}")


def call(site, who, route, target=None, **headers):
    """Bodies are empty objects and ids of things are made up: nothing is changed by this. Nor does
    it take a profile, which is worth some seconds."""
    app, browsers, tokens = site
    target = target or route["path"].replace("{workspace_id}", "default").replace(
        "{app_id}", "demo")
    target = "/".join("1" if part.startswith("{") else part for part in target.split("/"))
    if target == "/debug/pprof/profile":
        target += "?seconds=none"
    body = None if route["method"] == "GET" else {}
    if who in tokens:
        return app.call(f"token:{tokens[who]}", route["method"], target, body)
    browser = browsers[who]
    answer = browser.call(route["method"], target, body, headers)
    if (route["method"], target, answer.status) == ("DELETE", "/api/session", 200):
        expect_ok(browser.sign_in(browser.email))  # for the next route
    return answer


def refusal(answer):
    """Status and message where it is one of the gate's; else None."""
    if answer.status < 400:
        return None
    said = (answer.status, answer.json()["error"]["message"])
    return said if said in GATES else None


def test_the_table_has_what_it_should(routes):
    paths = {(route["method"], route["path"]) for route in routes}
    assert len(paths) == len(routes) >= 30
    for path in ("audit", "members", "invitations", "tokens", "application/{app_id}/keys"):
        assert ("GET", f"/api/workspace/{{workspace_id}}/{path}") in paths
    for route in routes:
        if route["method"] in ("PUT", "PATCH", "DELETE"):
            assert route["access"] != "viewer" or "{workspace_id}" not in route["path"], route


def test_every_route_admits_whom_it_should(site, routes):
    app, browsers, tokens = site
    wrong = []
    for route in routes:
        for who in [*browsers, *tokens]:
            wanted = expected(who, route)
            answer = call(site, who, route)
            if refusal(answer) != wanted:
                wrong.append((route["method"], route["path"], who, wanted, answer))
    assert wrong == []
    assert app.operator("GET", app.console + "/settings").status == 200  # all is still there


def test_what_is_anothers_does_not_exist(site, routes):
    """The owner of one workspace, with an application of the other in the path, or nothing's."""
    for route in routes:
        if "{workspace_id}" not in route["path"]:
            continue
        nowhere = route["path"].replace("{workspace_id}", "nowhere").replace("{app_id}", "demo")
        for who in ("admin by cookie", "owner by token", "viewer by token"):
            assert refusal(call(site, who, route, nowhere)) == NO_WORKSPACE, (who, route)
        for app_id in ("theirs", "nothing", "%2e%2e"):
            if "{app_id}" not in route["path"]:
                continue
            target = route["path"].replace("{workspace_id}", "default").replace("{app_id}", app_id)
            for who in ("admin by cookie", "owner by token", "viewer by token"):
                assert refusal(call(site, who, route, target)) == NO_APPLICATION, (who, route)


def test_every_write_by_cookie_needs_a_page_of_our_own(site, routes):
    _, browsers, _ = site
    visitor = browsers["member of another workspace"]
    for route in routes:
        if route["method"] == "GET":
            continue
        for origin in (None, "https://evil.example"):
            visitor.origin = origin
            answer = call(site, "member of another workspace", route)
            assert refusal(answer) == FOREIGN_PAGE, route
