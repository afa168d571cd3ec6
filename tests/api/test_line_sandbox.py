"""The sandbox over a real port, as LINE's clients see it, and held against LINE's description."""

import base64
import hashlib
import hmac
import http.client
import json
import queue
import threading
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

import line_description
from callboard import PATIENCE_S, ROOT, b64url
from line_sandbox import (ACCESS_TOKEN, HELLO, MESSAGING_SECRET, SECRETS, Sandbox, user_id)

REDIRECT = "https://a.example/line-login/callback?x=1"
VERIFIER = "v" * 43
CHALLENGE = b64url(hashlib.sha256(VERIFIER.encode()).digest())
AUTHORIZE = {"response_type": "code", "client_id": SECRETS["client_id"], "redirect_uri": REDIRECT,
             "state": "a state", "scope": "profile openid", "nonce": "a nonce",
             "code_challenge": CHALLENGE, "code_challenge_method": "S256", "bot_prompt": "normal"}
needs_description = pytest.mark.skipif(
    not line_description.is_at_hand(),
    reason="LINE's descriptions are not beside the project (../shared/data/line-openapi)")


@pytest.fixture(scope="module")
def shared():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared):
    shared.order("DELETE", "/sandbox/faults")
    shared.order("DELETE", "/sandbox/ledger")
    return shared


# --- login -----------------------------------------------------------------------------------


def authorize_target(**changes) -> str:
    values = {name: value for name, value in (AUTHORIZE | changes).items() if value is not None}
    return "/oauth2/v2.1/authorize?" + urlencode(values)


def back_from(answer) -> dict:
    assert answer.status == 302, answer
    location = urlsplit(answer.headers["Location"])
    assert location._replace(query="").geturl() == REDIRECT.split("?")[0]
    return {name: values[0] for name, values in parse_qs(location.query).items()}


def consent(sandbox, user=user_id(1), **changes) -> str:
    return back_from(sandbox.get(authorize_target(sandbox_user=user, **changes)))["code"]


def exchange(sandbox, shown_code, **changes):
    fields = SECRETS | {"grant_type": "authorization_code", "code": shown_code,
                        "redirect_uri": REDIRECT, "code_verifier": VERIFIER} | changes
    return sandbox.form("/oauth2/v2.1/token", **fields)


def claims_of(id_token: str) -> dict:
    part = id_token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_the_login_page_leads_back(sandbox):
    page = sandbox.get(authorize_target(state="<b>\"'&"))
    assert page.status == 200 and "<form" in page.text and "<b>" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    query = authorize_target().split("?", 1)[1]
    decide = {"request": query, "user_id": "", "typed_id": user_id(2), "name": "Typed"}
    back = back_from(sandbox.form("/oauth2/v2.1/authorize", decision="allow", **decide))
    assert back["state"] == "a state" and back["friendship_status_changed"] == "false"
    tokens = exchange(sandbox, back["code"]).json()
    assert claims_of(tokens["id_token"])["name"] == "Typed"
    refused = back_from(sandbox.form("/oauth2/v2.1/authorize", decision="cancel", **decide))
    assert refused["error"] == "access_denied" and refused["state"] == "a state"
    assert refused["error_description"] and "code" not in refused


@pytest.mark.parametrize("changes", [
    {"response_type": "token"}, {"response_type": None}, {"client_id": "1"}, {"state": None},
    {"redirect_uri": None}, {"redirect_uri": "javascript:alert(1)"}, {"scope": None},
    {"scope": "profile everything"}, {"code_challenge_method": "plain"},
    {"code_challenge_method": None}, {"code_challenge": "short"}, {"code_challenge": None},
    {"bot_prompt": "pushy"}, {"sandbox_user": "U1"}], ids=str)
def test_the_login_page_refuses(sandbox, changes):
    answer = sandbox.get(authorize_target(**changes))
    assert answer.status == 400 and "Location" not in answer.headers, answer
    assert "<form" not in answer.text


def test_tokens(sandbox):
    answer = exchange(sandbox, consent(sandbox, sandbox_name="Cy"))
    assert answer.status == 200, answer
    tokens = answer.json()
    assert tokens["scope"] == "profile openid" and tokens["token_type"] == "Bearer"
    claims = claims_of(tokens["id_token"])
    assert claims["iss"] == "https://access.line.me" and claims["aud"] == SECRETS["client_id"]
    assert claims["nonce"] == "a nonce" and claims["sub"] == user_id(1)
    access = tokens["access_token"]
    verified = sandbox.get(f"/oauth2/v2.1/verify?access_token={access}").json()
    assert verified["client_id"] == SECRETS["client_id"] and verified["expires_in"] > 0
    assert sandbox.get("/oauth2/v2.1/userinfo", access).json() == {"sub": user_id(1), "name": "Cy"}
    assert sandbox.get("/v2/profile", access).json()["userId"] == user_id(1)
    assert sandbox.get("/friendship/v1/status", access).json() == {"friendFlag": False}
    by_line = sandbox.form("/oauth2/v2.1/verify", id_token=tokens["id_token"],
                           client_id=SECRETS["client_id"], nonce="a nonce")
    assert by_line.json() == claims
    assert sandbox.form("/oauth2/v2.1/verify", id_token=tokens["id_token"],
                        client_id=SECRETS["client_id"], nonce="another").status == 400
    fresh = sandbox.form("/oauth2/v2.1/token", grant_type="refresh_token",
                         refresh_token=tokens["refresh_token"], **SECRETS)
    assert fresh.status == 200 and fresh.json()["access_token"] != access
    assert sandbox.form("/oauth2/v2.1/revoke", access_token=access, **SECRETS).status == 200
    for path in ("/oauth2/v2.1/userinfo", "/v2/profile", "/friendship/v1/status"):
        assert sandbox.get(path, access).status == 401, path
    assert sandbox.get(f"/oauth2/v2.1/verify?access_token={access}").status == 400


def test_a_code_is_good_for_one_right_exchange(sandbox):
    code = consent(sandbox)
    assert exchange(sandbox, code).status == 200
    assert exchange(sandbox, code).json()["error"] == "invalid_grant"
    for changes in ({"code_verifier": "w" * 43}, {"code_verifier": ""},
                    {"redirect_uri": "https://a.example/"}, {"code": "another"},
                    {"client_secret": "wrong"}, {"client_id": "1"}, {"grant_type": "password"}):
        code = consent(sandbox)
        answer = exchange(sandbox, code, **changes)
        assert answer.status == 400 and answer.json()["error"], changes
    code = consent(sandbox)
    assert exchange(sandbox, code, code_verifier="w" * 43).status == 400
    assert exchange(sandbox, code).status == 400, "a code that was shown once is gone"
    without = consent(sandbox, code_challenge=None, code_challenge_method=None)
    assert exchange(sandbox, without, code_verifier="").status == 200


def test_es256():
    with Sandbox("--id-token-alg", "ES256") as sandbox:
        token = exchange(sandbox, consent(sandbox)).json()["id_token"]
        header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
        keys = sandbox.get("/oauth2/v2.1/certs").json()["keys"]
        assert header["alg"] == "ES256" and header["kid"] in [key["kid"] for key in keys]


# --- sending ---------------------------------------------------------------------------------


def test_who_may_send(sandbox):
    for token in ("", "wrong", ACCESS_TOKEN + "x"):
        assert sandbox.push(token=token).status == 401
    bought = sandbox.form("/oauth2/v3/token", grant_type="client_credentials",
                          client_id=SECRETS["client_id"], client_secret=MESSAGING_SECRET)
    assert bought.json()["expires_in"] == 900
    assert sandbox.push(token=bought.json()["access_token"]).status == 200
    assert sandbox.form("/oauth2/v3/token", grant_type="client_credentials",
                        client_id=SECRETS["client_id"], client_secret="wrong").status == 400


def test_the_ledger_has_a_row_for_each_recipient(sandbox):
    key = str(uuid.uuid4())
    assert sandbox.multicast([user_id(n) for n in range(3)], retry_key=key).body == b"{}"
    sent = sandbox.push(user_id(7)).json()["sentMessages"]
    assert len(sent) == 1
    rows = sandbox.ledger()
    assert [row["to"] for row in rows] == [user_id(n) for n in (0, 1, 2, 7)]
    assert [row["endpoint"] for row in rows] == ["multicast"] * 3 + ["push"]
    assert all(row["messages"] == HELLO and row["at"] for row in rows)
    assert rows[0]["retry_key"] == key
    assert [row["to"] for row in sandbox.ledger(f"?to={user_id(1)}")] == [user_id(1)]
    assert sandbox.ledger(f"?after={rows[2]['number']}") == rows[3:]


def test_a_retry_key_is_accepted_once(sandbox):
    key = str(uuid.uuid4())
    first = sandbox.push(retry_key=key)
    again = sandbox.push(retry_key=key)
    assert (first.status, again.status) == (200, 409)
    assert again.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert again.headers["x-line-request-id"] != first.headers["x-line-request-id"]
    assert len(sandbox.ledger()) == 1 and sandbox.violations() == []
    assert sandbox.push(user_id(11), retry_key=key).status == 409
    assert any("another body" in what for what in sandbox.violations())
    refused = str(uuid.uuid4())
    assert sandbox.push(messages=[], retry_key=refused).status == 400
    assert sandbox.push(retry_key=refused).status == 200, "what was refused used no key"
    assert sandbox.push(retry_key="not a UUID").status == 400
    assert sandbox.push(retry_key=None).status == 200


@pytest.mark.parametrize("to, places", [
    ([], ["to"]), ([user_id(n) for n in range(501)], ["to"]), ("text", ["to"]),
    ([user_id(1), "U1", user_id(2), 7], ["to[1]", "to[3]"])], ids=["none", "501", "text", "bad"])
def test_recipients_are_checked(sandbox, to, places):
    answer = sandbox.multicast(to)
    assert answer.status == 400, answer
    assert [detail["property"] for detail in answer.json()["details"]] == places
    assert sandbox.ledger() == []


def test_500_recipients_are_taken(sandbox):
    assert sandbox.multicast([user_id(n) for n in range(500)]).status == 200
    assert len(sandbox.ledger()) == 500


def test_messages_are_checked(sandbox):
    bubble = {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": [
        {"type": "button", "action": {"type": "uri", "label": "go", "uri": ""}}]}}
    flex = [{"type": "flex", "altText": "a", "contents": bubble}]
    for path in ("push", "multicast"):
        answer = sandbox.bot(f"/v2/bot/message/validate/{path}", {"messages": flex})
        assert answer.status == 400
        assert answer.json()["details"][0]["property"] == \
            "messages[0].contents.body.contents[0].action.uri"
        assert sandbox.bot(f"/v2/bot/message/validate/{path}", {"messages": HELLO}).body == b"{}"
    assert sandbox.push(messages=flex).status == 400
    assert sandbox.push(messages=HELLO * 6).status == 400
    assert sandbox.bot("/v2/bot/message/push", b"not JSON").status == 400
    padding = b" " * (2 << 20)
    assert sandbox.bot("/v2/bot/message/push", b"{}" + padding).status == 413


def test_the_month_has_an_end():
    with Sandbox("--monthly-limit", "3") as sandbox:
        assert sandbox.get("/v2/bot/message/quota", ACCESS_TOKEN).json() == \
            {"type": "limited", "value": 3}
        key = str(uuid.uuid4())
        assert sandbox.multicast([user_id(1), user_id(2)], retry_key=key).status == 200
        over = sandbox.multicast([user_id(1), user_id(2)])
        assert over.status == 429 and "monthly limit" in over.json()["message"]
        assert sandbox.multicast([user_id(1), user_id(2)], retry_key=key).status == 409
        assert sandbox.push().status == 200
        usage = sandbox.get("/v2/bot/message/quota/consumption", ACCESS_TOKEN)
        assert usage.json() == {"totalUsage": 3}
        assert len(sandbox.ledger()) == 3
        assert sandbox.order("PUT", "/sandbox/quota", {"limit": 4}).status == 204
        assert [sandbox.push().status, sandbox.push().status] == [200, 429]
        assert sandbox.order("PUT", "/sandbox/quota", {}).status == 204
        assert sandbox.push().status == 200


def test_a_profile_is_a_friends(sandbox):
    path = "/v2/bot/profile/" + user_id(30)
    assert sandbox.get(path, ACCESS_TOKEN).status == 404
    sandbox.order("POST", "/sandbox/webhook", {"type": "follow", "user_id": user_id(30)})
    assert sandbox.get(path, ACCESS_TOKEN).json()["userId"] == user_id(30)
    sandbox.order("POST", "/sandbox/webhook", {"type": "unfollow", "user_id": user_id(30)})
    assert sandbox.get(path, ACCESS_TOKEN).status == 404
    assert sandbox.push(user_id(30)).status == 200
    assert [row["delivered"] for row in sandbox.ledger()] == [False]
    assert sandbox.get(path, "wrong").status == 401


# --- faults ----------------------------------------------------------------------------------


def outcome(sandbox, **more):
    """A status, or what became of the connection."""
    try:
        return sandbox.push(**more).status
    except http.client.IncompleteRead:
        return "cut short"
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return "closed"
    except TimeoutError:
        return "timed out"


@pytest.mark.parametrize("kind, expected, rows", [
    ("ok", 200, 1), ("drop", "closed", 0), ("accept_drop", "closed", 1), ("500", 500, 0),
    ("accept_500", 500, 1), ("truncate", "cut short", 1), ("429_rate", 429, 0),
    ("429_monthly", 429, 0), ("409", 409, 1), ("409_without_header", 409, 1), ("slow", 200, 1),
    ("400", 400, 0), ("timeout", "closed", 0), ("accept_timeout", "closed", 1)])
def test_each_fault(sandbox, kind, expected, rows):
    sandbox.faults({"kind": kind, "endpoint": "push", "delay_ms": 20})
    assert outcome(sandbox) == expected
    assert len(sandbox.ledger()) == rows
    assert outcome(sandbox) == 200, "a step is used up"


def test_every_attempt_is_on_record(sandbox):
    key = str(uuid.uuid4())
    sandbox.faults({"kind": "accept_500"}, {"kind": "drop"}, {"kind": "drop"},
                   {"kind": "accept_drop"}, {"kind": "400"})
    to = [user_id(1), user_id(2)]
    assert sandbox.multicast(to, retry_key=key).status == 500
    assert [outcome(sandbox, retry_key=key) for _ in range(3)] == ["closed"] * 3
    refused = sandbox.multicast(to)
    assert [each["property"] for each in refused.json()["details"]] == ["to[0]"]
    assert sandbox.multicast([user_id(1)], messages=[]).status == 400
    attempts = sandbox.get("/sandbox/attempts").json()["attempts"]
    assert [(each["endpoint"], each["fault"], each["status"], each["seen"])
            for each in attempts] == [
        ("multicast", "accept_500", 200, 500), ("push", "drop", 0, 0), ("push", "drop", 0, 0),
        ("push", "accept_drop", 409, 0), ("multicast", "400", 0, 400), ("multicast", "ok", 400,
                                                                        400)]
    assert [each["retry_key"] == key for each in attempts] == [True] * 4 + [False] * 2
    assert attempts[0]["body_sha256"] != attempts[1]["body_sha256"] == attempts[2]["body_sha256"]
    after = f"?after={attempts[4]['number']}"
    assert sandbox.get("/sandbox/attempts" + after).json()["attempts"] == attempts[5:]
    sandbox.order("DELETE", "/sandbox/ledger")
    assert sandbox.get("/sandbox/attempts").json() == {"attempts": []}


def test_a_time_out_lasts_longer_than_its_client(sandbox):
    sandbox.faults({"kind": "accept_timeout"})
    assert outcome(sandbox, timeout=0.05) == "timed out"
    assert len(sandbox.ledger()) == 1


def test_a_script_goes_on_by_endpoint(sandbox):
    sandbox.faults({"kind": "500", "endpoint": "multicast"}, {"kind": "ok", "endpoint": "push"},
                   {"kind": "429_rate"}, {"kind": "accept_500", "endpoint": "push"})
    assert [outcome(sandbox) for _ in range(4)] == [200, 429, 500, 200]
    assert sandbox.multicast([user_id(1)]).status == 500
    assert sandbox.get("/sandbox/faults").json() == {"faults": []}


def test_a_seed_decides_what_comes_by_rate(sandbox):
    def series(seed):
        sandbox.faults({"kind": "500", "endpoint": "push", "rate": 0.5}, seed=seed)
        return [outcome(sandbox) for _ in range(30)]
    first = series(7)
    assert {200, 500} == set(first)
    assert series(7) == first and series(8) != first
    sandbox.order("DELETE", "/sandbox/faults")
    assert outcome(sandbox) == 200


def test_faults_by_flags():
    with Sandbox("--fault", "500:push", "--fault", "accept_drop:multicast:1") as sandbox:
        assert [outcome(sandbox), outcome(sandbox)] == [500, 200]
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            sandbox.multicast([user_id(1)])
        assert len(sandbox.ledger()) == 2


@pytest.mark.parametrize("plan", [
    {}, {"faults": [{}]}, {"faults": [{"kind": "gremlin"}]},
    {"faults": [{"kind": "500", "endpoint": "nowhere"}]},
    {"faults": [{"kind": "500", "rate": 1.5}]}, {"faults": [{"kind": "slow", "delay_ms": -1}]},
    {"faults": [], "sede": 1}], ids=str)
def test_plans_are_checked(sandbox, plan):
    assert sandbox.order("POST", "/sandbox/faults", plan).status == 400


# --- webhooks --------------------------------------------------------------------------------


@contextmanager
def receiver():
    """A server that takes webhooks; each (signature, body) comes out of the queue."""
    received = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put((self.headers["x-line-signature"], body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/line/webhook/demo", received
    finally:
        server.shutdown()
        server.server_close()


def test_webhooks():
    with receiver() as (url, received), Sandbox("--webhook", url) as sandbox:
        def told(**order):
            answer = sandbox.order("POST", "/sandbox/webhook", order)
            assert answer.status == 202, answer
            signature, body = received.get(timeout=PATIENCE_S)
            right = base64.b64encode(hmac.digest(MESSAGING_SECRET.encode(), body, "sha256"))
            return signature == right.decode(), json.loads(body)
        user = {"user_id": user_id(40)}
        for kind, member, expected in [
                ("follow", "follow", {"isUnblocked": False}), ("unfollow", "follow", None),
                ("follow", "follow", {"isUnblocked": True}),
                ("postback", "postback", {"data": "unsubscribe:e1"})]:
            more = {"data": "unsubscribe:e1"} if kind == "postback" else {}
            is_signed, webhook = told(type=kind, **user, **more)
            event, = webhook["events"]
            assert is_signed and event["type"] == kind and event.get(member) == expected
            assert event["source"] == {"type": "user", "userId": user_id(40)}
            if line_description.is_at_hand():
                line_description.check("webhook", {"$ref": "#/components/schemas/CallbackRequest"},
                                       webhook)
        is_signed, webhook = told(type="message", text="hi", **user)
        assert is_signed and webhook["events"][0]["message"]["text"] == "hi"
        assert told(type="verify")[1]["events"] == []
        assert not told(type="follow", signature="wrong", **user)[0]
        event = told(type="follow", webhook_event_id="01A", is_redelivery=True, timestamp_ms=5,
                     **user)[1]["events"][0]
        assert (event["webhookEventId"], event["timestamp"]) == ("01A", 5)
        assert event["deliveryContext"] == {"isRedelivery": True}
        assert told(events=[{"type": "new"}])[1]["events"] == [{"type": "new"}]
        for order in ({}, {"type": "follow"}, {"type": "follow", "user_id": "U1"}, {"events": 1},
                      {"type": "verify", "tpye": 1}):
            assert sandbox.order("POST", "/sandbox/webhook", order).status == 400, order
        kept = sandbox.get("/sandbox/webhooks").json()["webhooks"]
        assert len(kept) == 9 and all(each["url"] == url for each in kept)
        assert kept[0]["state"] == "sent" and kept[0]["status"] == 200


def test_becoming_a_friend_at_login_is_told():
    with receiver() as (url, received), Sandbox("--webhook", url) as sandbox:
        back = back_from(sandbox.get(authorize_target(sandbox_user=user_id(50),
                                                      sandbox_friend="true")))
        assert back["friendship_status_changed"] == "true"
        webhook = json.loads(received.get(timeout=PATIENCE_S)[1])
        assert webhook["events"][0]["type"] == "follow"
        access = exchange(sandbox, back["code"]).json()["access_token"]
        assert sandbox.get("/friendship/v1/status", access).json() == {"friendFlag": True}


def test_the_phone(sandbox):
    page = sandbox.get("/sandbox")
    assert page.status == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "innerHTML" not in page.text and "http://" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    sandbox.push(user_id(60))
    users = [user["user_id"] for user in sandbox.get("/sandbox/users").json()["users"]]
    assert user_id(60) in users


# --- LINE's own description ------------------------------------------------------------------


@needs_description
def test_the_clients_requests_are_as_line_describes_them():
    path = ROOT / "tests/support/line_requests.json"
    requests = json.loads(path.read_text(encoding="utf-8"))
    assert len(requests) == 8
    for request in requests:
        line_description.check_request(**request, read_json=json.loads)


@needs_description
def test_the_description_refuses_what_is_wrong():
    """Else the test above would say nothing."""
    wrong_action = {"type": "button", "action": {"type": "postback", "data": 7}}
    for message in ({"type": "shout"}, {"type": "flex", "altText": "a"},
                    {"type": "flex", "altText": "a", "contents": {"type": "balloon"}},
                    {"type": "flex", "altText": "a", "contents": {
                        "type": "bubble", "body": {"type": "box", "layout": "vertical",
                                                   "contents": [wrong_action]}}}):
        with pytest.raises(line_description.jsonschema.ValidationError):
            line_description.check_request(
                "POST", "https://api.line.me/v2/bot/message/push",
                {"Content-Type": "application/json"},
                json.dumps({"to": user_id(1), "messages": [message]}), json.loads)


@needs_description
def test_the_sandbox_answers_as_line_describes(sandbox):
    def check(method, path, answer):
        line_description.check_answer(method, path, answer.status, answer.json())
    key = str(uuid.uuid4())
    push = "/v2/bot/message/push"
    assert [sandbox.push(retry_key=key).status for _ in range(2)] == [200, 409]
    check("POST", push, sandbox.push())
    check("POST", push, sandbox.push(retry_key=key))
    check("POST", push, sandbox.push(messages=[]))
    check("POST", "/v2/bot/message/multicast", sandbox.multicast([user_id(1)]))
    sandbox.faults({"kind": "429_rate"})
    check("POST", push, sandbox.push())
    for path in ("/v2/bot/message/quota", "/v2/bot/message/quota/consumption"):
        check("GET", path, sandbox.get(path, ACCESS_TOKEN))
    bought = sandbox.form("/oauth2/v3/token", grant_type="client_credentials",
                          client_id=SECRETS["client_id"], client_secret=MESSAGING_SECRET)
    check("POST", "/oauth2/v3/token", bought)
