"""Each invariant can fail: evidence of a run in which all is well, and what is found where one
thing in it is not."""

import pytest

from history import Deed, Evidence
from invariants import CHECKS, judge
from script import KILL_POINTS, script_of

ANN, BEN, EVE, STRANGER = "U" + "a" * 32, "U" + "b" * 32, "U" + "e" * 32, "player-4"
DUE, START = 1_000_000, 1_060_000
TEXT = "event-0 rev 1 2030/1/1 9:00"


def send(**changes) -> dict:
    return {"send_id": "s", "subject_id": "event-0", "subject_made_at_ms": 5, "kind": "reminder",
            "version": 1, "lead_minutes": 1, "due_at_ms": DUE, "begin_before_ms": START,
            "end_before_ms": START, "state": "done", "reason": "", "created_at_ms": 10,
            "claimed_at_ms": DUE + 2, "ended_at_ms": DUE + 500} | changes


def delivery(**changes) -> dict:
    return {"retry_key": "k", "send_id": "s", "endpoint": "multicast", "recipients": 2,
            "state": "accepted", "attempts": 2, "in_doubt": 0, "begin_before_ms": START,
            "end_before_ms": START, "message": "", "created_at_ms": DUE + 3,
            "first_attempt_at_ms": DUE + 5, "ended_at_ms": DUE + 90} | changes


def attempt(number: int, **changes) -> dict:
    return {"number": number, "at_ms": DUE + 10 * number, "endpoint": "multicast",
            "retry_key": "k", "body_sha256": "b0", "fault": "ok", "status": 200,
            "seen": 200} | changes


def recipient(user: str, key: str | None = "k", reason: str | None = None) -> dict:
    return {"send_id": "s", "user_id": user, "retry_key": key, "reason": reason}


def received(user: str, key: str = "k", text: str = TEXT) -> dict:
    return {"to": user, "retry_key": key, "at": "", "text": text}


@pytest.fixture
def run() -> Evidence:
    """Ann and Ben were reminded, at the second attempt; Eve had blocked; one is not LINE's."""
    users = [ANN, BEN, EVE, STRANGER]
    return Evidence(
        users=users, backoff_scale=0.01, blocked=[EVE], leads={"event-0": [1]}, offsets=[[0, 0]],
        subscribed=[[user, "event-0"] for user in users],
        deeds=[Deed("move", {"event": "event-0", "rev": 1}, 8, 10, "done")],
        sends=[send()], deliveries=[delivery()],
        recipients=[recipient(ANN), recipient(BEN), recipient(EVE, None, "blocked"),
                    recipient(STRANGER, None, "no_line_account")],
        events=[{"event_id": "event-0", "start_ms": START, "detail": '{"name": "rev 1"}',
                 "version": 1, "created_at_ms": 5}],
        subscriptions=[{"user_id": user, "event_id": "event-0", "remind": 1, "created_at_ms": 6}
                       for user in users],
        ledger=[received(ANN), received(BEN)],
        attempts=[attempt(1, fault="accept_drop", seen=0), attempt(2, status=409, seen=409)])


def found(run: Evidence) -> set[str]:
    """The kinds of what is wrong."""
    return {finding.kind for finding in judge(run)}


def test_nothing_is_wrong(run):
    assert judge(run) == []


def test_evidence_is_kept(run, tmp_path):
    run.save(tmp_path / "evidence.json")
    assert Evidence.load(tmp_path / "evidence.json") == run


def test_a_message_twice(run):
    run.ledger.append(received(ANN))
    assert found(run) == {"doubled"}


def test_a_message_twice_by_two_sends_of_one_version(run):
    run.sends.append(send(send_id="t"))
    run.deliveries.append(delivery(retry_key="l", send_id="t"))
    run.recipients += [recipient(user, "l") | {"send_id": "t"} for user in (ANN, BEN)]
    run.recipients += [recipient(EVE, None, "blocked") | {"send_id": "t"},
                       recipient(STRANGER, None, "no_line_account") | {"send_id": "t"}]
    run.ledger += [received(ANN, "l"), received(BEN, "l")]
    assert found(run) == {"doubled"}


def test_of_another_version_it_is_another_message(run):
    run.sends.append(send(send_id="t", version=0))
    run.deliveries.append(delivery(retry_key="l", send_id="t"))
    run.recipients.append(recipient(ANN, "l") | {"send_id": "t"})
    run.ledger.append(received(ANN, "l", "event-0 rev 0 2030/1/1 8:00"))
    assert found(run) == set()


def test_a_message_nobody_knows_of(run):
    run.ledger.append(received(ANN, "x", "event-0 rev 9"))
    assert found(run) == {"other"}


def test_called_accepted_and_not_received(run):
    run.ledger.pop()
    assert found(run) == {"lost"}


def test_sent_to_somebody_else(run):
    run.ledger.append(received("U" + "9" * 32))
    assert found(run) == {"other"}


@pytest.mark.parametrize("row", [
    recipient(ANN, None), recipient(ANN, None, "blocked"), recipient(ANN, None, "no_line_account"),
    recipient(ANN, "gone")], ids=["no reason", "not blocked", "a LINE id", "no delivery"])
def test_left_out_for_no_good_reason(run, row):
    run.recipients[0] = row
    run.ledger.pop(0)
    assert "lost" in found(run)


def test_sent_to_somebody_who_had_blocked(run):
    run.recipients[2] = recipient(EVE)
    run.ledger.append(received(EVE))
    assert found(run) == {"other"}


def test_in_no_snapshot(run):
    run.recipients.pop(0)
    run.ledger.pop(0)
    assert found(run) == {"lost"}


def test_in_no_snapshot_after_it_was_subscribed_late(run):
    run.recipients.pop(0)
    run.ledger.pop(0)
    run.subscribed.pop(0)
    run.deeds.append(Deed("subscribe", {"event": "event-0", "user": ANN}, DUE + 20, DUE + 25,
                          "done"))
    assert found(run) == {"lost"}
    run.deeds[-1].outcome = "unknown"
    assert found(run) == set()


@pytest.mark.parametrize("state, kinds", [
    ("unknown", {"lost"}), ("expired", {"lost"}), ("rejected", {"lost", "other"}),
    ("cancelled", {"lost"}), ("trying", {"stuck"})])
def test_an_end_without_a_cause(run, state, kinds):
    run.deliveries[0]["state"] = state
    assert found(run) == kinds


def test_an_end_with_a_cause(run):
    run.deliveries[0] |= {"state": "unknown", "ended_at_ms": START}
    assert found(run) == set()


def test_a_send_that_is_missing(run):
    run.leads["event-0"].append(2)
    assert found(run) == {"lost"}


@pytest.mark.parametrize("changes", [
    {"state": "expired", "reason": "late"}, {"state": "skipped", "reason": "no_channel"},
    {"state": "cancelled", "reason": "event_moved"}])
def test_a_send_that_ends_for_no_good_reason(run, changes):
    run.sends[0] |= changes
    assert "lost" in found(run)


def test_other_bytes_under_the_same_key(run):
    run.attempts[1]["body_sha256"] = "b1"
    assert found(run) == {"other"}


def test_no_key(run):
    run.attempts.append(attempt(3, retry_key=""))
    assert found(run) == {"other"}


def test_a_key_that_is_too_old(run):
    run.attempts[1]["at_ms"] += 23 * 3_600_000
    run.sends[0]["end_before_ms"] = run.attempts[1]["at_ms"] + 1
    assert found(run) == {"other"}


def test_a_second_key_while_in_doubt(run):
    run.line_faults.append("400")
    run.deliveries[0]["state"] = "rejected"
    assert found(run) == {"other"}
    run.attempts[:] = [attempt(1, fault="400", status=0, seen=400)]
    run.ledger.clear()
    assert found(run) == set()


def test_in_a_page_after_they_left(run):
    run.deeds.append(Deed("unsubscribe", {"event": "event-0", "user": ANN}, DUE - 20, DUE - 10,
                          "done"))
    run.subscriptions.pop(0)
    assert found(run) == {"other"}
    run.deeds[-1].ended_ms = DUE + 10
    assert found(run) == set()


def test_too_early(run):
    run.attempts[0]["at_ms"] = DUE - 100
    assert found(run) == {"other"}


def test_not_early_by_a_clock_that_is_ahead(run):
    run.attempts[0]["at_ms"] = DUE - 1000
    run.offsets.append([DUE - 5000, 2])
    assert found(run) == set()


def test_after_the_start(run):
    run.attempts[1]["at_ms"] = START + 300
    assert found(run) == {"other"}
    run.stops.append([START - 900, START + 200])
    assert found(run) == set(), "it may have been on its way"


def test_after_it_was_moved(run):
    run.sends[0]["state"] = "cancelled"
    run.sends.append(send(send_id="t", version=2, state="scheduled", claimed_at_ms=None))
    run.events[0] |= {"version": 2, "detail": '{"name": "rev 2"}'}
    run.deeds.append(Deed("move", {"event": "event-0", "rev": 2}, DUE + 5, DUE + 12, "done"))
    assert found(run) == set()
    run.attempts[1]["at_ms"] = DUE + 400
    assert found(run) == {"other"}


def test_more_than_one_live_send(run):
    run.crowded.append("('event-0', 1, 2)")
    assert found(run) == {"other"}


def test_something_that_does_not_end(run):
    run.stuck.append("delivery ('k', 'trying')")
    assert found(run) == {"stuck"}


def test_too_many_calls(run):
    run.attempts += [attempt(3 + i, at_ms=DUE + 20 + i, retry_key="k") for i in range(200)]
    run.kills.append(DUE)
    assert found(run) == {"other"}


def test_more_calls_than_the_setting_allows(run):
    run.multicasts_per_second = 2
    run.attempts += [attempt(3), attempt(4)]
    assert found(run) == {"other"}


@pytest.mark.parametrize("changes", [
    lambda run: run.subscriptions.pop(0),
    lambda run: run.events[0].update(detail='{"name": "rev 0"}'),
    lambda run: run.deeds.append(Deed("delete", {"event": "event-0"}, 20, 30, "done")),
    lambda run: run.deeds.append(Deed("unsubscribe", {"event": "event-0", "user": ANN},
                                      DUE + 20, DUE + 30, "done")),
])
def test_what_was_answered_and_is_not_so(run, changes):
    changes(run)
    assert found(run)


def test_complaints(run):
    run.complaints.append("LINE: two bodies")
    assert found(run) == {"other"}


def test_every_check_is_documented():
    assert all(check.__doc__ for check in CHECKS)


def test_a_seed_is_a_script():
    for database in ("sqlite", "postgres"):
        scripts = [script_of(seed, database) for seed in range(300)]
        assert scripts == [script_of(seed, database) for seed in range(300)]
        assert len(set(map(str, scripts))) == 300
        points = {point.split(":")[0] for script in scripts for point in script.kill_points}
        assert points == set(KILL_POINTS)
