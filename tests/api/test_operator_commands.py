"""`callboard app|key|member|token`, beside a running server."""

import json

import pytest

from callboard import expect_ok, fresh_server, run_cli
from members import Browser, command, member


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with fresh_server(tmp_path_factory.mktemp("commands") / "data") as app:
        yield app


def refused(app, *words) -> tuple[int, str]:
    result = run_cli(*words, "--data", app.server.data, check=False)
    assert result.stdout == ""
    assert result.stderr.startswith("callboard: ") and result.stderr.count("\n") == 1
    return result.returncode, result.stderr


def audit(app, /, **query) -> list[dict]:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return expect_ok(app.operator("GET", f"/api/workspace/default/audit?{words}"))["entries"]


def test_applications(app):
    made = command(app, "app", "create", "shop", "--name", "Shop")
    assert (made["app_id"], made["workspace_id"], made["name"]) == ("shop", "default", "Shop")
    assert "shop" in [each["app_id"] for each in command(app, "app", "list")]
    changed = command(app, "app", "set", "shop", '{"time_zone":"Europe/Berlin"}')
    assert changed["time_zone"] == "Europe/Berlin"
    assert command(app, "app", "show", "shop")["settings"] == changed
    assert refused(app, "app", "delete", "shop")[0] == 2
    assert command(app, "app", "delete", "shop", "--confirm", "shop") == {"deleted": "shop"}
    assert "shop" not in [each["app_id"] for each in command(app, "app", "list")]
    entries = audit(app, app="shop")
    assert [entry["action"] for entry in entries] == [
        "application.delete", "settings.update", "application.create"]
    assert {entry["actor"] for entry in entries} == {"command"}
    assert entries[1]["before"]["time_zone"] == "Asia/Taipei"
    assert entries[1]["after"]["time_zone"] == "Europe/Berlin"


def test_keys_rotate_without_a_gap(app):
    shop = command(app, "app", "create", "keys", "--name", "Keys")["app_id"]
    first = command(app, "key", "create", shop, "server")
    second = command(app, "key", "create", shop, "server")
    assert first["secret"].startswith("cbs_") and first["secret"] != second["secret"]
    code, said = refused(app, "key", "create", shop, "server")
    assert code == 1 and "two server keys are in use" in said
    command(app, "key", "retire", shop, first["key_id"])
    keys = {key["key_id"]: key for key in command(app, "key", "list", shop)}
    assert keys[first["key_id"]]["retired_at"] and not keys[second["key_id"]]["retired_at"]
    assert "secret" not in keys[second["key_id"]]
    assert [entry["action"] for entry in audit(app, app=shop, action="key")] == [
        "key.retire", "key.create", "key.create"]


def test_members(app):
    ann = member(app, "ann@example.org", "owner")
    bob = command(app, "member", "add", "Bob@example.org", "viewer", "--name", "Bob")
    assert (bob["email"], bob["name"], bob["role"]) == ("bob@example.org", "Bob", "viewer")
    expect_ok(Browser(app).use(bob["token"]))
    assert command(app, "member", "role", "bob@example.org", "editor")["role"] == "editor"
    roles = {each["email"]: each["roles"] for each in command(app, "member", "list")}
    assert roles["bob@example.org"] == {"default": "editor"}
    reset = command(app, "member", "reset-link", "bob@example.org")
    assert reset["link"].endswith("/link#" + reset["token"])
    command(app, "member", "remove", "bob@example.org")
    assert Browser(app).use(reset["token"]).status == 404
    assert [each["email"] for each in ann.ok("GET", "/api/workspace/default/members")[
        "members"]] == ["ann@example.org"]


def test_tokens(app):
    made = command(app, "token", "create", "ci", "editor", "--app", "demo", "--expires-in", "3600")
    me = expect_ok(app.call(f"token:{made['secret']}", "GET", "/api/me"))
    assert (me["label"], me["role"], me["apps"]) == ("ci", "editor", ["demo"])
    listed = command(app, "token", "list")
    assert made["token_id"] in [each["token_id"] for each in listed]
    assert made["secret"] not in json.dumps(listed)
    command(app, "token", "revoke", made["token_id"])
    assert app.call(f"token:{made['secret']}", "GET", "/api/me").status == 401


def test_prints_for_people(app):
    line = run_cli("app", "list", "--data", app.server.data).stdout.splitlines()[0]
    assert line.startswith("app_id=demo  workspace_id=default  name=Demo")
    shown = run_cli("token", "create", "x", "viewer", "--data", app.server.data).stdout
    assert "\nsecret cbk_" in shown


@pytest.mark.parametrize("words, code, said", [
    (("app", "show", "none"), 1, 'there is no application "none"'),
    (("app", "create", "Bad!", "--name", "x"), 2, "the app id must be"),
    (("app", "create", "demo", "--name", "x"), 1, "app_id is taken"),
    (("app", "create", "--name", ""), 2, "name must have 1 to"),
    (("app", "set", "demo", "{"), 2, "not JSON"),
    (("app", "set", "demo", '{"colour":"red"}'), 2, "colour"),
    (("app", "list", "--workspace", "none"), 1, 'there is no workspace "none"'),
    (("key", "create", "none", "client"), 1, 'there is no application "none"'),
    (("key", "create", "demo", "session"), 2, "the kind must be"),
    (("key", "retire", "demo", "none"), 1, "no such key"),
    (("key", "create", "demo", "server", "--public-key", "/none"), 1, "can't read the file"),
    (("member", "add", "nobody", "viewer"), 2, '"nobody" is no e-mail address'),
    (("member", "add", "a@example.org", "king"), 2, "the role must be"),
    (("member", "role", "none@example.org", "viewer"), 1, "there is no member"),
    (("member", "reset-link", "none@example.org"), 1, "there is no member"),
    (("token", "create", "x", "king"), 2, "the role must be"),
    (("token", "create", "x", "viewer", "--app", "none"), 1, "there is no application"),
    (("token", "revoke", "none"), 1, "there is no such token")])
def test_says_what_is_wrong(app, words, code, said):
    result = refused(app, *words)
    assert result[0] == code and said in result[1], result
