"""What must be true of reminders whatever went wrong, as pure checks over the evidence of a run.

The receiver counts: who got what is read from the ledger and the attempts of the sandbox, and only
then compared with what the database says. Each check yields findings of one kind: lost, doubled,
stuck or other.
"""

import bisect
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Iterator

from history import Deed, Evidence
from script import is_line_id

KINDS = ("lost", "doubled", "stuck", "other")
UNDER_WAY = ("ready", "trying")
# Answers that prove that LINE took nothing.
REFUSALS = (400, 401, 429)
KEY_USE_MS = 23 * 3_600_000
LIMITS = {"push": 2000, "multicast": 200}  # of LINE, in any second

# How exact times are: of a clock that is read, of a call that is on its way.
CLOCK_MS = 5
WAY_MS = 250
# Between two attempts, before it is scaled: the first one, which doubles, and the longest; with
# what chance adds.
FIRST_PAUSE_MS, LONGEST_PAUSE_MS, JITTER = 1_000, 300_000, 1.3


@dataclass(frozen=True)
class Finding:
    kind: str
    text: str

    def __str__(self):
        return f"{self.kind}: {self.text}"


class Known:
    """The evidence, by what it is looked up by."""

    def __init__(self, evidence: Evidence):
        self.evidence = evidence
        self.sends = {row["send_id"]: row for row in evidence.sends}
        self.deliveries = {row["retry_key"]: row for row in evidence.deliveries}
        self.events = {row["event_id"]: row for row in evidence.events}
        self.of_send, self.of_key = defaultdict(dict), defaultdict(set)
        for row in evidence.recipients:
            self.of_send[row["send_id"]][row["user_id"]] = row
            self.of_key[row["retry_key"]].add(row["user_id"])
        self.taken = defaultdict(set)  # by key: who got it
        for row in evidence.ledger:
            self.taken[row["retry_key"]].add(row["to"])
        self.attempts = defaultdict(list)
        for attempt in evidence.attempts:
            self.attempts[attempt["retry_key"]].append(attempt)
        self.deeds = defaultdict(list)
        for deed in evidence.deeds:
            self.deeds[deed.values.get("event"), deed.values.get("user")].append(deed)

    def server_ms(self, at_ms: int) -> int:
        """That moment on the server's clock."""
        offset = 0
        for since_ms, seconds in self.evidence.offsets:
            if since_ms <= at_ms:
                offset = seconds
        return at_ms + offset * 1000

    def first_ms(self, server_ms: int) -> int:
        """When the server's clock first showed that: where it was set back it did so twice."""
        offsets = self.evidence.offsets
        ends = [since_ms for since_ms, _ in offsets[1:]] + [float("inf")]
        for (since_ms, seconds), end_ms in zip(offsets, ends):
            if since_ms <= server_ms - seconds * 1000 < end_ms:
                return server_ms - seconds * 1000
        return server_ms - offsets[-1][1] * 1000

    def event_deeds(self, event: str) -> list[Deed]:
        return self.deeds.get((event, None), [])

    def changes_of(self, event: str, *whats: str) -> list[Deed]:
        return [deed for deed in self.event_deeds(event)
                if deed.what in whats and deed.outcome != "refused"]

    def is_off(self, send: dict) -> bool:
        """Its event was moved or deleted after it was planned."""
        planned_ms = self.first_ms(send["created_at_ms"])
        return any(deed.began_ms > planned_ms
                   for deed in self.changes_of(send["subject_id"], "move", "delete"))

    def user_deeds(self, event: str, user: str) -> list[Deed]:
        return [deed for deed in self.deeds.get((event, user), []) if deed.outcome != "refused"]

    def stood_still(self, at_ms: int) -> bool:
        """Something may have been under way for long: a node had just come back to life."""
        return any(begin <= at_ms <= end + 1000 for begin, end in self.evidence.stops)


def judge(evidence: Evidence) -> list[Finding]:
    known = Known(evidence)
    return [finding for check in CHECKS for finding in check(known)]


# --- the invariants, by their number in the order that the guide has them ------------------------


def one_message_each(known: Known) -> Iterator[Finding]:
    """1. At most one accepted message per version of an event, lead time and user."""
    got, texts = Counter(), Counter()
    for row in known.evidence.ledger:
        texts[row["to"], row["text"]] += 1
        delivery = known.deliveries.get(row["retry_key"])
        if delivery is None:
            yield Finding("other", f"{row['to']} was sent what nobody has on record: {row}")
            continue
        send = known.sends[delivery["send_id"]]
        got[row["to"], send["subject_id"], send["subject_made_at_ms"], send["version"],
            send["kind"], send["lead_minutes"]] += 1
    for key, count in got.items():
        if count > 1:
            yield Finding("doubled", f"{key} has {count} messages")
    for (user, text), count in texts.items():
        leads = known.evidence.leads.get(text.split(" ")[0], [1])
        if count > len(leads):
            yield Finding("doubled", f"{user} has {text!r} {count} times")


def everyone_has_ended(known: Known) -> Iterator[Finding]:
    """2. Everyone in the snapshot ends as accepted, rejected, skipped with a reason, or unknown."""
    evidence = known.evidence
    ever_blocked = set(evidence.blocked) | {
        deed.values["user"] for deed in evidence.deeds if deed.what == "block"}
    always_blocked = set(evidence.blocked) - {
        deed.values["user"] for deed in evidence.deeds if deed.what in ("follow", "block")}
    for row in evidence.recipients:
        who = f"{row['user_id']} of send {row['send_id']}"
        if row["retry_key"] is not None:
            if row["retry_key"] not in known.deliveries:
                yield Finding("lost", f"{who} belongs to a delivery that is not there")
            if row["user_id"] in always_blocked:
                yield Finding("other", f"{who} was sent to, and had blocked the account")
        elif not row["reason"]:
            yield Finding("lost", f"{who} was left out without a reason")
        elif row["reason"] == "no_line_account":
            if is_line_id(row["user_id"]):
                yield Finding("lost", f"{who} has a LINE id, and was left out as if not")
        elif row["reason"] == "blocked":
            if row["user_id"] not in ever_blocked:
                yield Finding("lost", f"{who} never blocked, and was left out as if so")
        else:
            yield Finding("other", f"{who} was left out because of {row['reason']!r}")


def what_is_called_accepted_was_received(known: Known) -> Iterator[Finding]:
    """2, by the receiver: nobody is counted as reached who was not, or by what was not theirs."""
    for key, delivery in known.deliveries.items():
        members, got = known.of_key[key], known.taken.get(key, set())
        if delivery["state"] == "accepted" and members - got:
            yield Finding("lost", f"{len(members - got)} of {len(members)} are called accepted and "
                          f"were not received: {sorted(members - got)[:3]}, key {key}")
        if got - members:
            yield Finding("other", f"{len(got - members)} were sent to by a key that is not theirs:"
                          f" {sorted(got - members)[:3]}, key {key}")


def ends_have_their_reasons(known: Known) -> Iterator[Finding]:
    """2, again: who did not get it did not for a reason that what happened explains."""
    refusals = "400" in known.evidence.line_faults
    for key, delivery in known.deliveries.items():
        state, send = delivery["state"], known.sends[delivery["send_id"]]
        what = f"the delivery {key} of {send['subject_id']} is {state}: {delivery['message']}"
        is_off = known.is_off(send)
        is_untried = not delivery["first_attempt_at_ms"]
        is_over = (delivery["ended_at_ms"] or 0) + _next_pause_ms(known, delivery) >= (
            delivery["begin_before_ms"] if is_untried else delivery["end_before_ms"])
        if state == "cancelled" and not is_off:
            yield Finding("lost", what + ", but the event is as it was")
        if state == "expired" and not (is_over or is_off):
            yield Finding("lost", what + ", but it was not too late")
        if state == "rejected" and not refusals:
            yield Finding("lost", what + ", but LINE refused nobody")
        if state == "unknown" and not (is_over or is_off or refusals):
            yield Finding("lost", what + ", but it could have been tried again")


def _next_pause_ms(known: Known, delivery: dict) -> float:
    """At most: an attempt after it would have come too late."""
    pause_ms = min(FIRST_PAUSE_MS * 2 ** delivery["attempts"], LONGEST_PAUSE_MS)
    return pause_ms * JITTER * known.evidence.backoff_scale + CLOCK_MS


def nobody_is_forgotten(known: Known) -> Iterator[Finding]:
    """2, for those who are in no snapshot: each start of an event has its sends, and whoever was
    subscribed in time is in them."""
    by_event = defaultdict(list)
    for row in known.evidence.subscriptions:
        if row["remind"]:
            by_event[row["event_id"]].append(row["user_id"])
    for event_id, event in known.events.items():
        sends = [send for send in known.evidence.sends
                 if send["subject_id"] == event_id and send["kind"] == "reminder" and
                 send["subject_made_at_ms"] == event["created_at_ms"] and
                 send["version"] == event["version"] and send["state"] != "cancelled"]
        for lead in known.evidence.leads[event_id]:
            if not any(send["lead_minutes"] == lead for send in sends):
                yield Finding("lost", f"{event_id} has no send {lead} minutes before it")
        yield from _sends_end_rightly(known, event_id, sends)
        begun = [send for send in sends if send["claimed_at_ms"] and send["reason"] != "late"
                 and send["state"] in ("done", "sending")]
        for user in by_event[event_id]:
            yield from _is_in(known, user, event, begun)


def _sends_end_rightly(known: Known, event_id: str, sends: list) -> Iterator[Finding]:
    for send in sends:
        what = f"send {send['send_id']} of {event_id} is {send['state']}: {send['reason']}"
        if send["state"] == "expired" or send["reason"] == "late":
            if (send["ended_at_ms"] or 0) < send["begin_before_ms"]:
                yield Finding("lost", what + ", but it was not too late")
        elif send["state"] == "skipped":
            if send["reason"] != "missed" or send["due_at_ms"] > send["created_at_ms"]:
                yield Finding("lost", what)


def _is_in(known: Known, user: str, event: dict, begun: list) -> Iterator[Finding]:
    """`user` is subscribed to that event, whose sends have begun."""
    event_id = event["event_id"]
    deeds = known.user_deeds(event_id, user)
    if not deeds:  # from the beginning
        subscribed_ms = 0
    elif deeds[-1].what == "subscribe" and deeds[-1].outcome == "done" and \
            not any(deed.outcome == "unknown" for deed in deeds):
        subscribed_ms = deeds[-1].ended_ms
        if known.server_ms(subscribed_ms) + WAY_MS >= event["start_ms"]:
            return
    else:
        return  # when they subscribed nobody can tell
    missing = [send for send in begun if user not in known.of_send[send["send_id"]]]
    early = [send for send in missing
             if subscribed_ms + CLOCK_MS < known.first_ms(send["claimed_at_ms"])]
    if early:
        yield Finding("lost", f"{user} was subscribed to {event_id} before its send "
                      f"{early[0]['send_id']} began, which does not know them")
    elif begun and len(missing) == len(begun):
        yield Finding("lost", f"{user} subscribed late to {event_id}, and no send knows them")


def every_attempt_is_the_same(known: Known) -> Iterator[Finding]:
    """3. All attempts under one key are byte-identical."""
    for key, attempts in known.attempts.items():
        if len({attempt["body_sha256"] for attempt in attempts}) > 1:
            yield Finding("other", f"the key {key} came with different bodies")
        if not key:
            yield Finding("other", "something was sent without a key")


def keys_end_in_time(known: Known) -> Iterator[Finding]:
    """4. No attempt after a key's life; no second key for somebody who may have it already."""
    for key, attempts in known.attempts.items():
        if known.server_ms(attempts[-1]["at_ms"]) - known.server_ms(attempts[0]["at_ms"]) > \
                KEY_USE_MS:
            yield Finding("other", f"the key {key} was used for too long")
    for key, delivery in known.deliveries.items():
        if delivery["state"] != "rejected":
            continue  # else its recipients may have another key by now
        doubtful = [each for each in known.attempts[key] if each["seen"] not in REFUSALS]
        if doubtful:
            yield Finding("other", f"the recipients of {key} were free for another key, though it "
                          f"may have been accepted: {doubtful}")


def who_has_left_is_in_no_page(known: Known) -> Iterator[Finding]:
    """6. Nobody is in a page that was frozen after their unsubscription was answered."""
    refused = {row["send_id"] for row in known.evidence.deliveries if row["state"] == "rejected"}
    for (event_id, user), deeds in known.deeds.items():
        if event_id is None or user is None:
            continue
        deeds = [deed for deed in deeds if deed.outcome != "refused"]
        if [deed.what for deed in deeds[-1:]] != ["unsubscribe"] or deeds[-1].outcome != "done" or \
                any(deed.what == "subscribe" and deed.outcome == "unknown" for deed in deeds):
            continue
        left_ms = deeds[-1].ended_ms
        for send in known.evidence.sends:
            if send["subject_id"] != event_id or send["send_id"] in refused:
                continue
            row = known.of_send[send["send_id"]].get(user)
            delivery = row and known.deliveries.get(row["retry_key"])
            if delivery and known.first_ms(delivery["created_at_ms"]) > left_ms + CLOCK_MS:
                yield Finding("other", f"{user} had left {event_id} at {left_ms}, and was put into "
                              f"a page after that: {delivery}")


def never_early_never_late(known: Known) -> Iterator[Finding]:
    """7. Nothing before it is due, nothing once the event starts, nor once it was moved or
    deleted."""
    for key, attempts in known.attempts.items():
        delivery = known.deliveries.get(key)
        if delivery is None:
            continue
        send = known.sends[delivery["send_id"]]
        gone_ms = _gone_ms(known, send)
        for attempt in attempts:
            at_ms = known.server_ms(attempt["at_ms"])
            what = f"{send['subject_id']}, key {key}"
            if at_ms < send["due_at_ms"] - CLOCK_MS:
                yield Finding("other", f"{what} was sent {send['due_at_ms'] - at_ms} ms early")
            if known.stood_still(attempt["at_ms"]):
                continue  # it may have been on its way all the while
            if at_ms >= send["end_before_ms"] + WAY_MS:
                yield Finding("other", f"{what} was sent {at_ms - send['end_before_ms']} ms after "
                              "the event's start")
            if gone_ms and attempt["at_ms"] > gone_ms + WAY_MS:
                yield Finding("other", f"{what} was sent {attempt['at_ms'] - gone_ms} ms after the "
                              "event was moved or deleted")


def _gone_ms(known: Known, send: dict) -> int | None:
    """When it was answered that the event has another start than that send's, or is no more."""
    for deed in known.changes_of(send["subject_id"], "move", "delete"):
        is_later = known.server_ms(deed.began_ms) > send["created_at_ms"]
        if deed.outcome == "done" and is_later and send["state"] == "cancelled":
            return deed.ended_ms
    return None


def one_live_send(known: Known) -> Iterator[Finding]:
    """8. At most one live send for each event and lead time, at any moment."""
    for text in known.evidence.crowded:
        yield Finding("other", f"more than one live send: {text}")


def everything_has_ended(known: Known) -> Iterator[Finding]:
    """9. When faults stop, all reaches an end."""
    for text in known.evidence.stuck:
        yield Finding("stuck", text)
    for key, delivery in known.deliveries.items():
        if delivery["state"] in UNDER_WAY:
            yield Finding("stuck", f"the delivery {key} is {delivery['state']} in the end")


def within_lines_limits(known: Known) -> Iterator[Finding]:
    """10. Never more calls in a second than LINE takes, nor than the application's setting."""
    for name, limit in LIMITS.items():
        times = sorted(attempt["at_ms"] for attempt in known.evidence.attempts
                       if attempt["endpoint"] == name)
        yield from _too_many(times, limit, 1000, name)
        if name == "multicast" and not known.evidence.stops and not known.evidence.kills:
            # They come not quite as they were sent.
            yield from _too_many(times, known.evidence.multicasts_per_second, 1000 - WAY_MS,
                                 "multicast, by the application's setting")


def _too_many(times: list, limit: int, window_ms: int, name: str) -> Iterator[Finding]:
    for place, time_ms in enumerate(times):
        count = bisect.bisect_left(times, time_ms + window_ms) - place
        if count > limit:
            yield Finding("other", f"{count} calls of {name} within {window_ms} ms")
            return


def what_was_answered_stays(known: Known) -> Iterator[Finding]:
    """What was answered is in the database, whatever happened after."""
    subscribed = {(row["user_id"], row["event_id"]) for row in known.evidence.subscriptions}
    for (event_id, user), deeds in known.deeds.items():
        deeds = [deed for deed in deeds if deed.outcome != "refused"]
        if event_id is None or not deeds or any(deed.outcome == "unknown" for deed in deeds):
            continue
        last = deeds[-1]
        if user is None:
            event = known.events.get(event_id)
            if any(deed.what == "delete" for deed in deeds):
                if event is not None:
                    yield Finding("other", f"{event_id} was deleted, and is there")
            elif event is None or f"rev {last.values['rev']}\"" not in event["detail"]:
                yield Finding("other", f"{event_id} is not as it was written last: {event}, {last}")
            continue
        is_there = (user, event_id) in subscribed
        deleted = known.changes_of(event_id, "delete")
        if last.what == "subscribe" and not is_there and not deleted:
            yield Finding("lost", f"{user} was subscribed to {event_id}, and is not")
        if last.what == "unsubscribe" and is_there:
            yield Finding("other", f"{user} was unsubscribed from {event_id}, and is not")
    for user, event_id in known.evidence.subscribed:
        if (user, event_id) not in subscribed and (event_id, user) not in known.deeds and \
                not known.changes_of(event_id, "delete"):
            yield Finding("lost", f"{user} is not subscribed to {event_id} any more")


def nobody_complains(known: Known) -> Iterator[Finding]:
    """LINE, of how it was called; the API's description, of how the product answered."""
    for text in known.evidence.complaints:
        yield Finding("other", text)


CHECKS = (one_message_each, everyone_has_ended, what_is_called_accepted_was_received,
          ends_have_their_reasons, nobody_is_forgotten, every_attempt_is_the_same, keys_end_in_time,
          who_has_left_is_in_no_page, never_early_never_late, one_live_send, everything_has_ended,
          within_lines_limits, what_was_answered_stays, nobody_complains)
