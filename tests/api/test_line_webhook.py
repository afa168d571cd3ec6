"""LINE's webhook: what is taken, that it is kept before it is answered and worked off once."""

import base64
import hashlib
import hmac
import itertools
import json
import re

import pytest

import databases
from callboard import compact_json, expect_ok, fresh_server, wait_until

SECRET = "fedcba9876543210fedcba9876543210"
USER = "U" + "0123456789abcdef" * 2
EVENT = {"event_time_start": "2099/01/01 10:00", "event_time_end": "2099/01/01 11:00",
         "event_detail": "{}"}
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def webhook_app(tmp_path_factory):
    with fresh_server(tmp_path_factory.mktemp("webhook") / "data") as app:
        yield app


@pytest.fixture
def fest(webhook_app):
    return with_channel(webhook_app.create_sibling(f"fest-{next(_numbers)}"))


def with_channel(app, secret=SECRET):
    expect_ok(app.operator("PATCH", f"{app.console}/settings",
                           {"line": {"messaging_channel_secret": secret}}))
    return app


def signature(body: bytes, secret=SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, "sha256").digest()).decode()


def deliver(app, *events, body=None, signed=None, app_id=None, **members):
    """As LINE does. `body`: instead of the events; `signed`: instead of its signature."""
    if body is None:
        body = compact_json({"destination": "U" + "d" * 32, "events": list(events)} | members)
    signed = signature(body) if signed is None else signed
    headers = {"Content-Type": "application/json"}
    headers |= {"x-line-signature": signed} if signed else {}
    return app.server.request("POST", f"/line/webhook/{app_id or app.app_id}", headers, body)


def event(kind="follow", user=USER, at_ms=1_800_000_000_000, **members) -> dict:
    source = {"source": {"type": "user", "userId": user}} if user else {}
    return {"type": kind, "mode": "active", "timestamp": at_ms,
            "webhookEventId": f"01H{next(_numbers):023}",
            "deliveryContext": {"isRedelivery": False}} | source | members


def postback(data, **members) -> dict:
    return event("postback", postback={"data": data}, **members)


def kept(app) -> int:
    """How many events of that application are in the database, worked off or not."""
    ((count,),) = databases.execute(
        app.server.data, "SELECT COUNT(*) FROM line_webhook_events WHERE app_id = :app",
        app=app.app_id)
    return count


def worked_off(app):
    """Waits until nothing of that application is left to be worked off."""
    wait_until(lambda: databases.execute(
        app.server.data, "SELECT COUNT(*) FROM line_webhook_events"
        " WHERE app_id = :app AND done_at_ms IS NULL", app=app.app_id) == [(0,)])


def make_user(app, user=USER):
    expect_ok(app.backend("PATCH", f"/bp/server/user/{user}/info", {"attributes": {"a": 1}}))


def account(app, user=USER) -> dict:
    exported = expect_ok(app.operator("GET", f"{app.console}/users/{user}/export"))
    return exported.get("line_account", {})


def is_blocked(app, user=USER) -> bool:
    return "blocked_at" in account(app, user)


def subscriptions(app, user=USER) -> list:
    return [each["id"] for each in expect_ok(app.client(user, "GET", "/users/events"))["data"]]


def subscribe(app, event_id, user=USER):
    expect_ok(app.client(user, "POST", "/users/events", EVENT | {"id": event_id}))


# --- what is taken -------------------------------------------------------------------------------


def test_only_what_the_channel_signed(fest, webhook_app):
    body = compact_json({"events": [event()]})
    right = signature(body)
    other = with_channel(webhook_app.create_sibling(f"fest-{next(_numbers)}"), "another-secret")
    wrong = ["", right[:-1], right + "=", right.lower(), " " + right[1:], signature(body + b" "),
             signature(body, "another-secret"), signature(body, ""),
             hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
             base64.b64encode(hashlib.sha256(body).digest()).decode()]
    for each in wrong:
        answer = deliver(fest, body=body, signed=each)
        assert answer.status == 401 and answer.json()["data"]["msg"], each
    assert deliver(other, body=body).status == 401
    assert kept(fest) == kept(other) == 0
    assert deliver(fest, body=body, signed=right).json() == {}
    assert kept(fest) == 1


def test_the_signature_is_of_the_bytes_as_sent(fest):
    body = b'{ "events" : [ ],\r\n "destination":"\\u8217\xe5\x8f\xb0" }'
    assert deliver(fest, body=body).status == 200
    same_json = compact_json(json.loads(body))
    assert deliver(fest, body=same_json, signed=signature(body)).status == 401


def test_nothing_is_read_before_the_signature_holds(fest):
    for body in (b"{", b"", b"\xff", b"[" * 5000):
        assert deliver(fest, body=body, signed="x").status == 401


def test_the_consoles_verify_button(fest):
    assert deliver(fest).json() == {}
    assert kept(fest) == 0


def test_what_is_no_webhook(fest):
    def without(name):
        return {key: value for key, value in event().items() if key != name}

    bodies = [b"", b"{", b"[]", b"null", b"{}", b'{"events":{}}', b'{"events":[1]}',
              b'{"events":[],"events":[]}', b'{"events":[],"x":"\xff"}', b"\xef\xbb\xbf{}",
              b'{"events":' + b"[" * 5000]
    events = [without("webhookEventId"), without("type"), without("timestamp"),
              event(webhookEventId=""), event(webhookEventId="x" * 65), event(webhookEventId="a b"),
              event(webhookEventId=7), event(timestamp=-1), event(timestamp="1"),
              event(timestamp=10**17)]
    for body in bodies + [compact_json({"events": [event(), each]}) for each in events]:
        assert deliver(fest, body=body).status == 400, body
    assert kept(fest) == 0  # not even the good half


def test_there_is_no_such_application(fest, webhook_app):
    for app_id in ("nothing", "%2e%2e", "a%20b", "x" * 200):
        assert deliver(fest, event(), app_id=app_id).status == 404
    silent = webhook_app.create_sibling(f"fest-{next(_numbers)}")
    body = compact_json({"events": [event()]})
    assert deliver(silent, body=body, signed=signature(body, "")).status == 404


def test_how_large_it_may_be(fest):
    largest = event("message", message={"type": "text", "text": ""})
    room = (1 << 20) - len(compact_json({"destination": "U" + "d" * 32, "events": [largest]}))
    largest["message"]["text"] = "x" * room
    assert deliver(fest, largest).status == 200
    largest["message"]["text"] += "x"
    assert deliver(fest, largest).status == 413
    assert deliver(fest, *(event() for _ in range(1001))).status == 413
    assert kept(fest) == 1


# --- what becomes of it --------------------------------------------------------------------------


def test_who_blocks_the_account_and_comes_back(fest):
    make_user(fest)
    assert deliver(fest, event("unfollow", at_ms=1_800_000_000_000)).status == 200
    wait_until(lambda: is_blocked(fest))
    assert account(fest)["blocked_at"] == "2027-01-15T08:00:00.000Z"
    returned = event("follow", at_ms=1_800_000_000_001, follow={"isUnblocked": True})
    assert deliver(fest, returned).status == 200
    wait_until(lambda: not is_blocked(fest))


def test_what_happened_last_counts_not_what_came_last(fest):
    make_user(fest)
    deliver(fest, event("follow", at_ms=2000), event("unfollow", at_ms=1000))
    worked_off(fest)
    assert not is_blocked(fest)
    deliver(fest, event("unfollow", at_ms=4000))
    deliver(fest, event("follow", at_ms=3000))
    worked_off(fest)
    assert is_blocked(fest)


def test_a_button_ends_a_subscription(fest):
    for event_id in ("1", "2", "舞台"):
        subscribe(fest, event_id)
    subscribe(fest, "1", user="bob")
    assert deliver(fest, postback("unsubscribe:1")).status == 200
    wait_until(lambda: "1" not in subscriptions(fest))
    assert set(subscriptions(fest)) == {"2", "舞台"} and subscriptions(fest, "bob") == ["1"]
    deliver(fest, postback("unsubscribe:舞台"), postback("unsubscribe:nothing"))
    worked_off(fest)
    assert subscriptions(fest) == ["2"]


def test_an_event_counts_once_however_often_it_comes(fest):
    subscribe(fest, "1")
    pressed = postback("unsubscribe:1")
    assert deliver(fest, pressed).status == 200
    wait_until(lambda: subscriptions(fest) == [])
    subscribe(fest, "1")
    again = pressed | {"deliveryContext": {"isRedelivery": True}}
    for _ in range(3):
        assert deliver(fest, again, again).status == 200
    worked_off(fest)
    assert kept(fest) == 1 and subscriptions(fest) == ["1"]


def test_the_same_id_at_two_applications_is_two_events(fest, webhook_app):
    other = with_channel(webhook_app.create_sibling(f"fest-{next(_numbers)}"))
    same = event("unfollow")
    for app in (fest, other):
        make_user(app)
        deliver(app, same)
    for app in (fest, other):
        wait_until(lambda app=app: is_blocked(app))


def test_what_is_not_known_does_not_count(fest):
    make_user(fest)
    subscribe(fest, "1")
    strange = [event("telepathy", thought={"deep": [{}] * 3}),
               event("message", message={"text": "x"}), event("accountLink", link={"result": "ok"}),
               event("unfollow", user=None), event("unfollow", user="../x"),
               event("unfollow", user="é"), event("unfollow", user="x" * 300),
               event("unfollow", user="U\u0000"), event("postback"),
               event("unfollow", source={"type": "group", "groupId": "C1"}),
               postback("unsubscribe:"), postback("unsubscribe:" + "x" * 300),
               postback("UNSUBSCRIBE:1"), postback(" unsubscribe:1"), postback("unsubscribe"),
               postback(""), postback(7), postback("unsubscribe:1", user="somebody-else")]
    assert deliver(fest, *strange, event("join"), more={"x": 1}).status == 200
    worked_off(fest)
    assert not is_blocked(fest) and subscriptions(fest) == ["1"]


def test_what_people_write_is_not_kept(fest):
    deliver(fest, event("message", message={"type": "text", "text": "my secret diary"}))
    worked_off(fest)
    rows = databases.execute(fest.server.data, "SELECT event FROM line_webhook_events"
                             " WHERE app_id = :app", app=fest.app_id)
    assert len(rows) == 1 and "diary" not in rows[0][0] and USER not in rows[0][0]


def test_each_event_is_counted(fest):
    def counted():
        return int(re.search(r'callboard_job_attempts_total\{kind="line.webhook_event",'
                             r'outcome="completed"\} (\d+)',
                             fest.server.request("GET", "/metrics").text)[1])

    worked_off(fest)
    before = counted()
    deliver(fest, event(), event("join"), postback("x"))
    wait_until(lambda: counted() == before + 3)


def test_what_was_answered_outlives_a_kill(tmp_path):
    """Killed right after the answer, often before the event was worked off."""
    with fresh_server(tmp_path / "data", "--dev", "--lease", "1000") as app:
        with_channel(app)
        for number in range(10):
            user = f"U{number:032}"
            make_user(app, user)
            assert deliver(app, event("unfollow", user=user)).status == 200
            app.server.kill()
            app.server.start()
            wait_until(lambda user=user: is_blocked(app, user))
        assert kept(app) == 10
