"""How fast a reminder reaches everybody, as the sandbox that plays LINE has it in its books."""

import datetime
import json
import random
import time
from pathlib import Path

import databases
from callboard import App, expect_ok, fresh_server
from line_sandbox import ACCESS_TOKEN, MESSAGING_SECRET, SECRETS, Sandbox, user_id
from rows import QUIET, ROUNDS, row

# Of an audience of 100,000. LINE takes 200 calls of 500 people in any second.
LARGEST, ALL_ACCEPTED_S, FIRST_CALL_MS = 100_000, 2.0, 200.0
MONTHLY_LIMIT = 100_000_000  # a channel has one; how many a reminder needs is counted first
LEAD_S, AHEAD_S, LIMIT_S = 60, 4, 120


def fan_out(folder: Path, sizes=(LARGEST // 100, LARGEST // 10, LARGEST)):
    """One event of so many subscribers, whose reminder comes due while the server is idle; a new
    audience, on the same server, for each size and round."""
    flags = ("--dev", "--outgoing-allow", "127.0.0.1", *QUIET)
    runs = {size: [] for size in sizes}
    with Sandbox("--monthly-limit", str(MONTHLY_LIMIT)) as sandbox, \
            fresh_server(folder / "fan-out", *flags) as app:
        expect_ok(app.operator("PATCH", f"{app.console}/settings", {
            "leads_minutes": [LEAD_S // 60],
            "line": {"messaging_channel_id": SECRETS["client_id"],
                     "messaging_channel_secret": MESSAGING_SECRET,
                     "channel_access_token": ACCESS_TOKEN, "api_base_url": sandbox.url}}))
        for _ in range(ROUNDS):
            for size in sizes:
                runs[size].append(one_event(app, sandbox, f"e{len(runs[size])}-{size}", size))
                print(f"  {size:,}: first call {runs[size][-1][0]:.0f} ms after its moment, "
                      f"all accepted {runs[size][-1][1]:.2f} s after it")
        assert sandbox.violations() == []
    for size in sizes:
        first_ms, all_s = (sorted(times)[len(times) // 2] for times in zip(*runs[size]))
        is_largest = size == LARGEST
        yield row(f"reminder to {size:,}: first call, ms late", first_ms,
                  at_most=FIRST_CALL_MS if is_largest else None)
        yield row(f"reminder to {size:,}: all accepted, s", all_s,
                  at_most=ALL_ACCEPTED_S if is_largest else None)


def one_event(app: App, sandbox: Sandbox, event: str, size: int) -> tuple[float, float]:
    """When the first call was accepted and when the last, after the reminder's moment: ms, s."""
    far = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    expect_ok(app.operator("POST", f"{app.console}/events", {
        "id": event, "event_detail": json.dumps({"name": "Night ride", "location": "Harbour"}),
        **times_from(far)}))
    subscribe(app, event, size)
    assert sandbox.order("DELETE", "/sandbox/ledger").status == 204
    start = datetime.datetime.fromtimestamp(int(time.time()) + LEAD_S + AHEAD_S,
                                            datetime.timezone.utc)
    expect_ok(app.operator("PUT", f"/events/{event}", times_from(start),
                           headers={"X-App-ID": app.app_id}))
    wait_until_done(app, event)
    due = start.timestamp() - LEAD_S
    entries = ledger(sandbox)
    assert len(entries) == size == len({entry["to"] for entry in entries}), len(entries)
    accepted = [datetime.datetime.fromisoformat(entry["at"]).timestamp() - due
                for entry in entries]
    return min(accepted) * 1e3, max(accepted)


def times_from(start: datetime.datetime) -> dict:
    end = start + datetime.timedelta(hours=1)
    return {"event_time_start": start.isoformat(), "event_time_end": end.isoformat()}


def subscribe(app: App, event: str, size: int):
    """Ids in the order of a shuffle, and each person known to LINE."""
    numbers = list(range(size))
    random.Random(6).shuffle(numbers)
    data = app.server.data
    databases.insert_many(data, "subscriptions", (
        (app.app_id, user_id(number * 0x9E3779B97F4A7C15 % 2**64), event, "", 1, 1)
        for number in numbers))
    databases.execute(data, "INSERT INTO line_accounts (app_id, user_id, name, picture_url,"
                      " status_at_ms, created_at_ms, updated_at_ms)"
                      " SELECT app_id, user_id, '', '', 1, 1, 1 FROM subscriptions"
                      " WHERE event_id = :event ON CONFLICT DO NOTHING", event=event)
    if databases.SERVER:
        databases.execute(data, "ANALYZE line_accounts")


def wait_until_done(app: App, event: str):
    give_up = time.monotonic() + LIMIT_S
    while databases.execute(app.server.data, "SELECT state FROM sends WHERE subject_id = :event"
                            " AND state <> 'cancelled'", event=event) != [("done",)]:
        assert time.monotonic() < give_up, "the reminder is never done"
        time.sleep(0.1)


def ledger(sandbox: Sandbox) -> list[dict]:
    entries, is_more = [], True
    while is_more:
        after = entries[-1]["number"] if entries else 0
        answer = expect_ok(sandbox.get(f"/sandbox/ledger?after={after}"))
        entries += answer["messages"]
        is_more = answer.get("more", False)
    return entries
