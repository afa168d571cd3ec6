"""What goes out by LINE, end to end: the server, its jobs, and the sandbox in LINE's place."""

import datetime
import json
from urllib.parse import quote

import pytest

import line_sandbox
from callboard import expect_ok, fresh_server, run_cli, wait_until
from line_sandbox import user_id

FLAGS = ("--outgoing-allow", "127.0.0.1", "--dev", "--backoff-scale", "0.01")


@pytest.fixture(scope="module", name="line")
def running_sandbox():
    with line_sandbox.Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module", name="app")
def application(tmp_path_factory, line):
    with fresh_server(tmp_path_factory.mktemp("sends") / "data", *FLAGS) as app:
        settings(app, line={"channel_id": "1234567890", "api_base_url": line.url,
                            "channel_access_token": line_sandbox.ACCESS_TOKEN,
                            "messaging_channel_secret": line_sandbox.MESSAGING_SECRET})
        yield app


def settings(app, **changes):
    return expect_ok(app.operator("PATCH", f"{app.console}/settings", changes))


def moment(minutes: float) -> str:
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(minutes=minutes)).isoformat(timespec="milliseconds")


def create_event(app, event_id, minutes, **more):
    """It begins in so many minutes; within the lead of 30 its reminder is due at once."""
    body = {"id": event_id, "event_time_start": moment(minutes),
            "event_time_end": moment(minutes + 60),
            "event_detail": json.dumps({"name": event_id, "description": "a<br>b"})} | more
    return expect_ok(app.operator("POST", f"{app.console}/events", body))


def subscribe(app, event_id, *users):
    for user in users:
        assert app.client(user, "POST", "/users/events", {"id": event_id}).status == 200


def sends_of(app, subject):
    return expect_ok(app.operator("GET", f"{app.console}/sends?event_id={subject}"))["sends"]


def send_of(app, subject):
    (send,) = sends_of(app, subject)
    return send


def ended(app, send) -> dict:
    """The send at its end, of which its stream tells."""
    stream = app.operator("GET", f"{app.console}/sends/{send['id']}/progress").text
    told = [json.loads(line[5:]) for line in stream.splitlines() if line.startswith("data:")]
    assert told[-1]["ended_at"]
    return told[-1]


def received(line, event_id) -> list[str]:
    """Who got a message that names it."""
    ledger = line.order("GET", "/sandbox/ledger").json()["messages"]
    return sorted(row["to"] for row in ledger if event_id in json.dumps(row["messages"]))


def test_who_subscribes_before_its_moment_is_reminded(app, line):
    settings(app, leads_minutes=[30])
    create_event(app, "soon", 30 + 1 / 60)
    subscribe(app, "soon", user_id(1), user_id(2), "nobody-line-knows")
    send = ended(app, send_of(app, "soon"))
    assert send["state"] == "done"
    assert send["recipients"] == {"accepted": 2, "rejected": 0, "unknown": 0, "skipped": 1,
                                  "pending": 0}
    assert received(line, "soon") == [user_id(1), user_id(2)]
    one = f"{app.console}/sends/{send['id']}"
    people = expect_ok(app.operator("GET", f"{one}/recipients"))["recipients"]
    assert [(who["user_id"], who["outcome"], who["reason"]) for who in people] == [
        (user_id(1), "accepted", ""), (user_id(2), "accepted", ""),
        ("nobody-line-knows", "skipped", "no_line_account")]
    skipped = expect_ok(app.operator("GET", f"{one}/recipients?outcome=skipped"))["recipients"]
    assert skipped == people[2:]
    after = expect_ok(app.operator("GET", f"{one}/recipients?limit=1&after={user_id(1)}"))
    assert after["recipients"] == people[1:2]
    (delivery,) = expect_ok(app.operator("GET", f"{one}/deliveries"))["deliveries"]
    assert delivery["retry_key"] == people[0]["retry_key"]
    assert (delivery["endpoint"], delivery["state"], delivery["attempts"]) == (
        "multicast", "accepted", 1)


def test_who_subscribes_when_it_is_out_gets_a_push(app, line):
    create_event(app, "late", 10)
    ended(app, send_of(app, "late"))
    subscribe(app, "late", user_id(5))
    one = f"{app.console}/sends/{send_of(app, 'late')['id']}"

    def push():
        return expect_ok(app.operator("GET", f"{one}/deliveries"))["deliveries"][0]
    wait_until(lambda: push()["state"] == "accepted")
    assert push()["endpoint"] == "push"
    assert received(line, "late") == [user_id(5)]
    assert app.client(user_id(5), "DELETE", "/users/events/late").status == 200
    subscribe(app, "late", user_id(5))
    assert sum(count for count in send_of(app, "late")["recipients"].values()) == 1


def test_an_event_has_leads_of_its_own_and_settings_plan_anew(app):
    settings(app, leads_minutes=[60, 30])
    create_event(app, "own", 6000, leads_minutes=[1440, 10])
    create_event(app, "usual", 6000)
    assert sorted(send["lead_minutes"] for send in sends_of(app, "own")) == [10, 1440]
    assert sorted(send["lead_minutes"] for send in sends_of(app, "usual")) == [30, 60]
    settings(app, leads_minutes=[30, 15])

    def live():
        return sorted(send["lead_minutes"] for send in sends_of(app, "usual")
                      if send["state"] == "scheduled")
    wait_until(lambda: live() == [15, 30])
    assert sorted(send["lead_minutes"] for send in sends_of(app, "own")) == [10, 1440]
    settings(app, leads_minutes=[30])


def test_moving_and_deleting_an_event_takes_its_reminders_along(app):
    settings(app, leads_minutes=[30])
    create_event(app, "moves", 600)
    moved = {"event_time_start": moment(900), "event_time_end": moment(960)}
    expect_ok(app.operator("PATCH", f"{app.console}/events/moves", moved))
    old, new = sorted(sends_of(app, "moves"), key=lambda send: send["event_version"])
    assert (old["state"], old["reason"]) == ("cancelled", "event_moved")
    assert (new["state"], new["event_version"]) == ("scheduled", 2)
    expect_ok(app.operator("DELETE", f"{app.console}/events/moves", {"confirm": "moves"}))
    assert {send["state"] for send in sends_of(app, "moves")} == {"cancelled"}


def test_an_operator_ends_a_send_and_sends_it_after_all(app, line):
    create_event(app, "again", 600)
    subscribe(app, "again", user_id(1))
    one = f"{app.console}/sends/{send_of(app, 'again')['id']}"
    assert app.operator("POST", f"{one}/resend").status == 409
    expired = expect_ok(app.operator("POST", f"{one}/expire"))
    assert (expired["state"], expired["reason"]) == ("expired", "ended_by_operator")
    assert app.operator("POST", f"{one}/expire").status == 409
    again = expect_ok(app.operator("POST", f"{one}/resend"))
    assert ended(app, again)["recipients"]["accepted"] == 1
    assert received(line, "again") == [user_id(1)]
    # Nobody gets it twice.
    assert ended(app, expect_ok(app.operator("POST", f"{one}/resend")))["state"] == "done"
    assert received(line, "again") == [user_id(1)]


def test_a_bulletin_is_pushed_to_its_audience(app, line):
    for number, level in ((21, 1), (22, 5), (23, 9)):
        expect_ok(app.backend("PATCH", f"/bp/server/user/{user_id(number)}/info",
                              {"attributes": {"level": level}}))
    condition = {"logic": "&&", "conditions": [
        {"variable": "level", "logic": ">=", "target": 5, "target_type": "number"}]}
    bulletin = app.create_bulletin(bulletin_name="Push", bulletin_body="to some",
                                   bulletin_condition=condition)
    push = f"{app.console}/bulletin_board/{bulletin['bulletin_id']}/push"
    send = expect_ok(app.operator("POST", push))
    assert (send["kind"], send["bulletin_id"]) == ("bulletin", str(bulletin["bulletin_id"]))
    assert ended(app, send)["recipients"]["accepted"] == 2
    assert received(line, "to some") == [user_id(22), user_id(23)]
    own = {"message_template": {"text": "{{name}}: hurry"}}
    assert ended(app, expect_ok(app.operator("POST", push, own)))["state"] == "done"
    assert received(line, "Push: hurry") == [user_id(22), user_id(23)]
    later = expect_ok(app.operator("POST", push, {"at": moment(60)}))
    assert later["state"] == "scheduled"
    assert app.operator("POST", push).status == 409
    expect_ok(app.operator("POST", f"{app.console}/sends/{later['id']}/expire"))
    for body, pointer in (({"at": "soon"}, "/at"), ({"nonsense": 1}, "/nonsense"),
                          ({"message_template": {"text": ""}}, "/message_template")):
        answer = app.operator("POST", push, body)
        assert answer.status == 400 and pointer in answer.text, answer
    missing = f"{app.console}/bulletin_board/999999/push"
    assert app.operator("POST", missing).status == 404
    hidden = app.create_bulletin(bulletin_name="over", valid_date_start=1, valid_date_end=2)
    over = f"{app.console}/bulletin_board/{hidden['bulletin_id']}/push"
    assert app.operator("POST", over).status == 422


def test_what_line_does_not_take_is_tried_again_under_the_same_key(app, line):
    line.order("POST", "/sandbox/faults", {"faults": [
        {"kind": "500", "endpoint": "multicast"},
        {"kind": "accept_drop", "endpoint": "multicast"}]})
    create_event(app, "faulty", 30 + 1 / 60)
    subscribe(app, "faulty", *map(user_id, range(30, 35)))
    send = ended(app, send_of(app, "faulty"))
    assert send["recipients"]["accepted"] == 5
    assert received(line, "faulty") == list(map(user_id, range(30, 35)))
    (delivery,) = expect_ok(
        app.operator("GET", f"{app.console}/sends/{send['id']}/deliveries"))["deliveries"]
    # A dropped connection that was used before may be repeated by the client itself.
    assert delivery["attempts"] >= 2


def test_a_list_of_sends_is_searched(app):
    listed = expect_ok(app.operator("GET", f"{app.console}/sends?state=done&limit=2"))
    assert listed["holds"] == []
    assert [send["state"] for send in listed["sends"]] == ["done"] * 2
    before = quote(listed["sends"][-1]["due_at"])
    older = expect_ok(app.operator("GET", f"{app.console}/sends?due_before={before}"))["sends"]
    assert all(send["due_at"] < listed["sends"][-1]["due_at"] for send in older)
    for query in ("state=over", "due_before=soon", "limit=0"):
        assert app.operator("GET", f"{app.console}/sends?{query}").status == 400
    for call in ("", "/recipients", "/deliveries", "/progress"):
        assert app.operator("GET", f"{app.console}/sends/nobody{call}").status == 404
    send = listed["sends"][0]["id"]
    assert app.operator("GET", f"{app.console}/sends/{send}/recipients?outcome=lost").status == 400


def test_sends_of_another_application_are_not_there(app):
    send = expect_ok(app.operator("GET", f"{app.console}/sends?limit=1"))["sends"][0]["id"]
    other = app.create_sibling("other")
    assert expect_ok(other.operator("GET", f"{other.console}/sends"))["sends"] == []
    for method, call in (("GET", ""), ("GET", "/recipients"), ("GET", "/deliveries"),
                         ("GET", "/progress"), ("POST", "/expire"), ("POST", "/resend")):
        answer = other.operator(method, f"{other.console}/sends/{send}{call}")
        assert answer.status == 404, answer


def test_a_users_export_has_what_they_were_sent_until_they_are_erased(app):
    path = f"{app.console}/users/{user_id(1)}"
    exported = expect_ok(app.operator("GET", f"{path}/export"))
    assert {send["subject"] for send in exported["sends"]} == {"soon", "again"}
    expect_ok(app.operator("DELETE", path, {"confirm": user_id(1)}))
    (send,) = [send for send in sends_of(app, "soon") if send["state"] == "done"]
    people = expect_ok(app.operator("GET", f"{app.console}/sends/{send['id']}/recipients"))
    assert user_id(1) not in json.dumps(people)


def test_the_command_line_plans_anew_and_sends_a_test(app, line):
    flags = ("--data", app.server.data, "--outgoing-allow", "127.0.0.1")
    create_event(app, "tested", 600)
    done = run_cli("events", "sync", "--app", app.app_id, "--json", *flags)
    (counts,) = json.loads(done.stdout)
    assert counts["app_id"] == app.app_id and counts["cancelled"] == 0 and counts["events"] > 0
    sent = run_cli("line", "send-test", "--app", app.app_id, "--user", user_id(77), "--event",
                   "tested", "--json", *flags)
    assert json.loads(sent.stdout)["outcome"] == "accepted"
    assert received(line, "tested") == [user_id(77)]
    for user, event, why in (("ann", "tested", "--user"), (user_id(1), "nothing", "nothing")):
        refused = run_cli("line", "send-test", "--app", app.app_id, "--user", user, "--event",
                          event, *flags, check=False)
        assert refused.returncode != 0 and why in refused.stderr
