"""Events beyond single calls: many callers at once, the festival's list, calendars, boards."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from icalendar import Calendar

from callboard import ROOT, expect_ok, fresh_server, run_cli, wait_until
from streams import Stream

FESTIVAL = ROOT.parent / "shared/data/festival-events.json"
FESTIVAL_COUNT = 163


def data_of(response):
    return expect_ok(response)["data"]


def visitor(app, path, **headers):
    return app.call("nobody", "GET", path, headers={"X-App-ID": app.app_id} | headers)


def event(identity, start="2030/3/2 9:00", end="2030/3/2 10:20", detail=None):
    return {"id": identity, "event_time_start": start, "event_time_end": end,
            "event_detail": detail}


def add(app, *arguments, **members):
    return expect_ok(app.operator("POST", f"{app.console}/events", event(*arguments, **members)))


def statuses(app, calls):
    """How often each status came, of calls at the same time."""
    expect_ok(app.operator("PATCH", f"{app.console}/settings",
                           {"rate_limits": {"writes_per_user": 10_000}}))
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda call: call().status, calls))
    return {status: answers.count(status) for status in answers}


def test_many_requests_of_one_user_keep_to_the_limit(app):
    app.session("ann")
    calls = [lambda i=i: app.client("ann", "POST", "/users/events", event(f"e{i}"))
             for i in range(100)]
    assert statuses(app, calls) == {200: 10, 422: 90}
    assert len(data_of(app.client("ann", "GET", "/users/events"))) == 10


def test_of_many_equal_requests_one_subscribes(app):
    add(app, "1")
    app.session("ann")
    calls = [lambda: app.client("ann", "POST", "/users/events", {"id": "1"})] * 100
    assert statuses(app, calls) == {200: 1, 409: 99}
    assert [each["id"] for each in data_of(app.client("ann", "GET", "/users/events"))] == ["1"]


def test_who_was_answered_reads_what_they_wrote(app):
    add(app, "1")
    for minute in range(10, 40):
        start = f"2030-03-02T09:{minute}:00+08:00"
        expect_ok(app.operator("PUT", "/events/1", {"event_time_start": start},
                               headers={"X-App-ID": app.app_id}))
        assert data_of(visitor(app, "/events/1"))["event_time_start"] == start
        assert data_of(visitor(app, "/events"))[0]["event_time_start"] == start
    expect_ok(app.operator("PATCH", f"{app.console}/settings", {"time_zone": "UTC"}))
    assert data_of(visitor(app, "/events/1"))["event_time_start"] == "2030-03-02T01:39:00Z"


def test_leads_are_not_for_people(app):
    members = {"id", "event_time_start", "event_time_end", "event_detail", "createdAt",
               "updatedAt", "deletedAt"}
    body = event("1") | {"leads_minutes": [60, 10]}
    created = expect_ok(app.operator("POST", f"{app.console}/events", body))
    assert created["leads_minutes"] == [60, 10]
    app.session("ann")
    headers = {"X-App-ID": app.app_id}
    answers = [visitor(app, "/events/1"), app.client("ann", "POST", "/users/events", body),
               app.operator("PUT", "/events/1", {"leads_minutes": [5]}, headers=headers)]
    own = event("own") | {"leads_minutes": [60]}
    answers.append(app.client("ann", "POST", "/users/events", own))
    shown = [data_of(answer) for answer in answers]
    for path in ("/events", "/users/events"):
        shown += data_of(app.client("ann", "GET", path))
    assert len(shown) == 7
    for each in shown:
        assert set(each) == members


def test_a_list_with_leads_is_imported_as_it_is(app):
    expect_ok(app.operator("POST", f"{app.console}/events", event("1") | {"leads_minutes": [5]}))
    rows = expect_ok(app.operator("GET", f"{app.console}/events"))["events"]
    expect_ok(app.operator("DELETE", f"{app.console}/events/1"))
    path = f"{app.console}/events/import"
    assert expect_ok(app.operator("POST", path, rows))["created"] == 1
    assert expect_ok(app.operator("POST", path, rows))["unchanged"] == 1
    again = expect_ok(app.operator("GET", f"{app.console}/events/1"))
    assert again["leads_minutes"] == [5]


def festival():
    if not FESTIVAL.exists():
        pytest.skip("the festival's events are not beside the repository (../shared)")
    return json.loads(FESTIVAL.read_text(encoding="utf-8"))


def test_the_festivals_list_is_imported_once(app):
    rows = festival()
    path = f"{app.console}/events/import?year=2024"
    expected = {"created": FESTIVAL_COUNT, "updated": 0, "unchanged": 0, "errors": []}
    assert expect_ok(app.operator("POST", path + "&dry_run=true", rows)) == expected
    assert expect_ok(app.operator("POST", path, rows)) == expected
    expected |= {"created": 0, "unchanged": FESTIVAL_COUNT}
    assert expect_ok(app.operator("POST", path, rows)) == expected

    listed = data_of(visitor(app, "/events?limit=1000"))
    assert len(listed) == FESTIVAL_COUNT
    order = [(each["event_time_start"], each["id"]) for each in listed]
    assert order == sorted(order)
    by_id = {each["id"]: each for each in listed}
    assert by_id["126"]["event_time_start"] == "2024-03-02T11:45:00+08:00"
    for row in rows:
        assert json.loads(by_id[row["id"]]["event_detail"]) == row
    calendar = visitor(app, "/events.ics")
    assert len(Calendar.from_ical(calendar.body).walk("VEVENT")) == FESTIVAL_COUNT


def test_the_festivals_list_on_the_command_line(tmp_path):
    festival()
    with fresh_server(tmp_path / "data") as app:
        command = ("events", "import", FESTIVAL, "--app", "demo", "--data", app.server.data,
                   "--json")
        counts = json.loads(run_cli(*command, "--year", "2024").stdout)
        assert counts == {"created": FESTIVAL_COUNT, "updated": 0, "unchanged": 0, "errors": []}
        counts = json.loads(run_cli(*command, "--year", "2024", "--dry-run").stdout)
        assert counts["unchanged"] == FESTIVAL_COUNT
        refused = run_cli(*command, check=False)
        assert refused.returncode == 1
        assert len(json.loads(refused.stdout)["errors"]) == FESTIVAL_COUNT
    assert run_cli("check", "--data", tmp_path / "data").stdout == "nothing is wrong\n"


class Lists(BaseHTTPRequestHandler):
    """What is at each path."""
    PAGES = {"/rows": b'[{"id":"1","date":"3/2","startTime":"9:00","endTime":"10:00"}]',
             "/object": b'{"year":2024,"events":[{"id":"2","date":"3/2","startTime":"9:00",'
                        b'"endTime":"10:00"}]}',
             "/text": b"hello", "/url": b'{"url":"http://127.0.0.1/"}'}

    def do_GET(self):
        body = self.PAGES.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


def fetched_by_jobs(app, base):
    """The same in the background, where what fails is tried again or given up by its kind."""
    def state_of(path, state):
        answer = app.operator("POST", f"{app.console}/events/import?background=true&year=2025",
                              {"url": base + path})
        assert answer.status == 202, answer
        job = f"{app.console}/jobs/{answer.json()['job_id']}"
        wait_until(lambda: expect_ok(app.operator("GET", job))["state"] == state)
        return expect_ok(app.operator("GET", job))

    state_of("/rows", "completed")
    events = expect_ok(app.operator("GET", f"{app.console}/events"))["events"]
    assert {event["event_time_start"][:4] for event in events} == {"2024", "2025"}
    assert "answers 404" in json.dumps(state_of("/nothing", "retryable"))
    assert "does not lead to JSON" in json.dumps(state_of("/text", "discarded"))
    body = {"events": []}
    answer = app.operator("POST", f"{app.console}/events/import?background=true", body)
    assert answer.status == 400
    answer = app.operator("POST", f"{app.console}/events/import?background=true&dry_run=true",
                          {"url": base + "/rows"})
    assert answer.status == 400


def test_a_list_is_fetched(tmp_path):
    lists = ThreadingHTTPServer(("127.0.0.1", 0), Lists)
    threading.Thread(target=lists.serve_forever, daemon=True).start()
    try:
        with fresh_server(tmp_path / "data", "--outgoing-allow", "127.0.0.1") as app:
            def fetch(path):
                body = {"url": f"http://127.0.0.1:{lists.server_port}{path}"}
                return app.operator("POST", f"{app.console}/events/import?year=2024", body)

            assert expect_ok(fetch("/rows"))["created"] == 1
            assert expect_ok(fetch("/rows"))["unchanged"] == 1
            assert expect_ok(fetch("/object"))["created"] == 1
            for path in ("/nothing", "/text", "/url"):
                answer = fetch(path)
                assert answer.status == 400, path
                assert answer.json()["error"]["details"][0]["pointer"] == "/url"
            fetched_by_jobs(app, f"http://127.0.0.1:{lists.server_port}")
    finally:
        lists.shutdown()
        lists.server_close()


def test_a_calendar_is_what_others_read(app):
    detail = json.dumps({"name": "Opening; first, part", "location": "Hall\\1",
                         "description": "One<br>two " + "長" * 200, "activity": "Stage",
                         "project": "Music", "link": "https://example.org/?a=1,2"})
    add(app, "1", detail=detail)
    answer = visitor(app, "/events.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.body.split(b"\r\n"))
    [entry] = Calendar.from_ical(answer.body).walk("VEVENT")
    assert entry["SUMMARY"] == "Opening; first, part"
    assert entry["LOCATION"] == "Hall\\1"
    assert entry["DESCRIPTION"] == "Stage - Music\nOne\ntwo " + "長" * 200
    assert entry["URL"] == "https://example.org/?a=1,2"
    assert entry["UID"] == f"1@{app.app_id}.callboard"
    assert entry["SEQUENCE"] == 0
    assert entry["DTSTART"].dt == datetime(2030, 3, 2, 1, 0, tzinfo=timezone.utc)
    assert entry["DTEND"].dt == datetime(2030, 3, 2, 2, 20, tzinfo=timezone.utc)

    etag = answer.headers["ETag"]
    assert visitor(app, "/events.ics", **{"If-None-Match": etag}).status == 304
    expect_ok(app.operator("PATCH", f"{app.console}/events/1",
                           {"event_time_start": "2030/3/2 9:30"}))
    moved = visitor(app, "/events.ics", **{"If-None-Match": etag})
    assert Calendar.from_ical(moved.body).walk("VEVENT")[0]["SEQUENCE"] == 1


def test_a_users_calendar_has_a_secret_address(app):
    add(app, "1")
    expect_ok(app.client("ann", "POST", "/users/events", {"id": "1"}))
    expect_ok(app.client("ann", "POST", "/users/events", event("mine", detail="My own")))

    def make():
        url = data_of(app.client("ann", "POST", "/users/calendar"))["url"]
        assert url.startswith(app.server.url + "/calendar/") and url.endswith(".ics")
        return url.removeprefix(app.server.url)

    first = make()
    answer = app.call("nobody", "GET", first)
    entries = Calendar.from_ical(answer.body).walk("VEVENT")
    assert {str(entry["SUMMARY"]) for entry in entries} == {"1", "My own"}
    known = {"If-None-Match": answer.headers["ETag"]}
    assert app.call("nobody", "GET", first, headers=known).status == 304
    second = make()
    assert app.call("nobody", "GET", first).status == 404
    assert app.call("nobody", "GET", second.removesuffix(".ics")).status == 404
    assert app.call("nobody", "GET", second).status == 200
    assert data_of(app.client("ann", "DELETE", "/users/calendar")) == {"was_there": True}
    assert data_of(app.client("ann", "DELETE", "/users/calendar")) == {"was_there": False}
    assert app.call("nobody", "GET", second).status == 404
    secret = Path(second).stem
    assert secret not in app.server.log_text()


def test_a_board_follows_what_its_user_is_subscribed_to(app):
    add(app, "1")
    app.create_bulletin(bulletin_name="for guests", bulletin_condition={
        "logic": "&&", "conditions": [{"variable": "subscribed_events", "logic": "in",
                                       "target": ["1"], "target_type": "string"}]})
    assert app.board_of("ann") == []
    with Stream(app, "ann") as stream:
        stream.next_revision()
        expect_ok(app.client("ann", "POST", "/users/events", {"id": "1"}))
        assert app.board_of("ann") == ["for guests"]
        stream.next_revision()
        expect_ok(app.operator("DELETE", f"{app.console}/events/1"))
        assert app.board_of("ann") == []
        stream.next_revision()
