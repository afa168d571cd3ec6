"""What a seed decides: who is subscribed to what, what is done to it, and what goes wrong when.

A script is a value: the same seed and database make the same one. Moments are seconds after the
events were written; how far the server is by then depends on the machine.
"""

import dataclasses
import random
from dataclasses import dataclass

FAR_S = 86_400  # when nothing of a run is left
# An event's reminders are due whole minutes before it starts.
LEAD_S = 60

KILL_POINTS = ("jobs.claimed", "jobs.finish_before_commit", "jobs.finished", "fan_out.begun",
               "fan_out.before_commit", "fan_out.paged", "send.begun", "send.answered",
               "send.recorded", "refreeze.before_commit", "event.planned", "subscribe.frozen",
               "webhook.applied", "db.before_commit", "db.committed")
# Those that are reached often: at which time of all to die there.
OFTEN = {"send.begun": 6, "send.answered": 6, "send.recorded": 6, "jobs.claimed": 8,
         "jobs.finish_before_commit": 8, "jobs.finished": 8, "fan_out.before_commit": 6,
         "db.before_commit": 60, "db.committed": 60, "fan_out.paged": 4, "event.planned": 4}
# Of LINE, by how often they are chosen, with how long they take.
LINE_FAULTS = (("accept_drop", 4, 0), ("drop", 3, 0), ("accept_500", 4, 0), ("500", 4, 0),
               ("accept_timeout", 3, 300), ("timeout", 2, 300), ("429_rate", 4, 0),
               ("409", 1, 0), ("409_without_header", 1, 0), ("truncate", 3, 0), ("slow", 4, 250),
               ("400", 1, 0), ("429_monthly", 1, 0))


@dataclass(frozen=True)
class Event:
    """`due_in_s`: when its reminder at `due_lead` is due; None: not in this run, unless it is
    moved."""
    id: str
    due_in_s: int | None
    due_lead: int
    leads: tuple[int, ...]        # minutes
    subscribers: tuple[int, ...]  # numbers of users


@dataclass(frozen=True)
class Step:
    at_s: float
    what: str
    values: dict = dataclasses.field(default_factory=dict)

    def __str__(self):
        values = " ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.at_s:.2f} s {self.what} {values}".rstrip()


@dataclass(frozen=True)
class Script:
    seed: int
    database: str                 # sqlite, postgres
    lease_ms: int
    backoff_scale: float
    workers: int                  # nodes besides the first, of role worker
    multicasts_per_second: int
    is_stateless: bool            # whether channel tokens are bought
    users: tuple[str, ...]
    blocked: frozenset[int]       # numbers of users
    events: tuple[Event, ...]
    line_faults: tuple[dict, ...]
    kill_points: tuple[str, ...]  # of each start of the first node; then none
    steps: tuple[Step, ...]

    @property
    def length_s(self) -> float:
        return max(step.at_s for step in self.steps)

    def lines(self):
        yield (f"{self.database}: lease {self.lease_ms} ms, pauses x {self.backoff_scale}, "
               f"{1 + self.workers} nodes, {len(self.users)} users of whom {len(self.blocked)} "
               f"have blocked, {self.multicasts_per_second} multicasts a second")
        for event in self.events:
            yield (f"{event.id} due in {event.due_in_s} s, leads {event.leads}, "
                   f"{len(event.subscribers)} subscribers")
        yield "LINE: " + ", ".join(_shown(fault) for fault in self.line_faults)
        yield "kill points: " + (", ".join(self.kill_points) or "none")
        yield from map(str, self.steps)


def _shown(fault: dict) -> str:
    return fault["kind"] + (f" at {fault['rate']:.2f}" if "rate" in fault else "")


def is_line_id(user_id: str) -> bool:
    return (len(user_id) == 33 and user_id[0] == "U" and
            all(digit in "0123456789abcdef" for digit in user_id[1:]))


class Author:
    """Draws one script."""

    def __init__(self, seed: int, database: str):
        self.rng = random.Random(f"{database} {seed}")
        self.seed, self.database = seed, database
        self.steps = []

    def script(self) -> Script:
        rng = self.rng
        users = self.users(rng.choice((1, 60, 499, 501, 1000, 1200, 1500)))
        blocked = frozenset(number for number in range(len(users)) if rng.random() < 0.03)
        events = self.events(len(users))
        workers = rng.choice((0, 1, 1, 2)) if self.database == "postgres" else 0
        length_s = rng.uniform(2.5, 5)
        for _ in range(rng.randint(0, 12)):
            self.add_action(events, len(users), length_s)
        for _ in range(rng.randint(1, 3)):
            self.add_fault(workers, length_s)
        self.steps.append(Step(length_s, "settle"))
        return Script(
            seed=self.seed, database=self.database, lease_ms=rng.choice((500, 700, 1000)),
            backoff_scale=rng.choice((0.005, 0.01, 0.02)), workers=workers,
            multicasts_per_second=rng.choice((2, 5, 20, 180)),
            is_stateless=rng.random() < 0.4, users=users, blocked=blocked, events=events,
            line_faults=tuple(self.line_faults()), kill_points=tuple(self.kill_points()),
            steps=tuple(sorted(self.steps, key=lambda step: step.at_s)))

    def users(self, count: int) -> tuple[str, ...]:
        """Some have ids that LINE can't know."""
        rng = self.rng
        return tuple(f"U{rng.getrandbits(128):032x}" if rng.random() > 0.02
                     else rng.choice((f"player-{number}", f"U{number:032X}x", f"u{number:032x}"))
                     for number in range(count))

    def events(self, users: int) -> tuple[Event, ...]:
        rng = self.rng
        events = []
        for number in range(rng.choice((1, 2, 3, 4, 5))):
            is_due = number == 0 or rng.random() < 0.7
            share = rng.choice((1, 0.95, 0.5, 0.1))
            subscribers = tuple(user for user in range(users) if rng.random() < share)
            leads = rng.choice(((1,), (1,), (1, 2), (2,), (1, 3, 5)))
            events.append(Event(f"event-{number}", rng.choice((1, 2)) if is_due else None,
                                rng.choice(leads), leads, subscribers))
        return tuple(events)

    def line_faults(self):
        """By chance at a rate, and a script of those that come one after the other."""
        rng = self.rng
        kinds = [kind for kind, weight, _ in LINE_FAULTS for _ in range(weight)]
        delays = {kind: delay for kind, _, delay in LINE_FAULTS}
        for _ in range(rng.randint(0, 6)):
            yield self.line_fault(rng.choice(kinds), delays)
        for kind in sorted(set(rng.choices(kinds, k=rng.randint(0, 4)))):
            if kind != "429_monthly":
                yield self.line_fault(kind, delays) | {"rate": rng.choice((0.1, 0.2, 0.4))}
        if rng.random() < 0.2:
            yield {"kind": "500", "endpoint": "channel_token"}
        if rng.random() < 0.2:
            yield {"kind": "500", "endpoint": "quota", "rate": 0.5}

    def line_fault(self, kind: str, delays: dict) -> dict:
        endpoint = self.rng.choice(("multicast", "multicast", "push"))
        return {"kind": kind, "endpoint": endpoint} | (
            {"delay_ms": delays[kind]} if delays[kind] else {})

    def kill_points(self):
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            name = self.rng.choice(KILL_POINTS)
            suffix = ":stop" if self.rng.random() < 0.15 else ""
            yield f"{name}:{self.rng.randint(1, OFTEN.get(name, 1))}{suffix}"

    def add_action(self, events: tuple[Event, ...], users: int, length_s: float):
        rng = self.rng
        what = rng.choice(("move", "move", "rename", "rename", "delete", "unsubscribe",
                           "unsubscribe", "unsubscribe", "subscribe", "subscribe", "subscribe",
                           "subscribe", "block", "follow"))
        values = {}
        event = rng.choice(events)
        if what in ("block", "follow"):
            values["user"] = rng.randrange(users)
        else:
            values["event"] = event.id
        if what == "move":  # far away, so that it is due in a moment, or so that it is due now
            values["start_in_s"] = rng.choice((FAR_S, FAR_S, LEAD_S + 1, LEAD_S + 2, 3, 30))
        if what in ("subscribe", "unsubscribe"):
            others = sorted(set(range(users)) - set(event.subscribers))
            among = others if what == "subscribe" else event.subscribers
            values["user"] = rng.choice(among or range(users))
        self.add(length_s, what, **values)

    def add_fault(self, workers: int, length_s: float):
        rng = self.rng
        kinds = ["kill", "kill", "kill", "stop", "stop", "restart", "clock"]
        kinds += ["busy", "disk_full"] if self.database == "sqlite" else \
            ["terminate_connections", "terminate_connections", "restart_database",
             "crash_database", "stall_database"]
        what = rng.choice(kinds)
        values = {}
        if what in ("kill", "stop"):
            values["node"] = rng.randint(0, workers)
        if what == "kill":
            values["down_s"] = rng.choice((0, 0, 0.3, 1))
        if what == "stop":
            values["for_s"] = rng.choice((0.2, 1.2, 1.8))
        if what == "clock":  # the last one passes an event's start
            values["by_s"] = rng.choice((-2, -1, 1, 2, 30, LEAD_S + 5))
        if what in ("busy", "disk_full", "stall_database"):
            values["for_s"] = rng.choice((0.1, 0.5, 1.5))
        self.add(length_s, what, **values)

    def add(self, length_s: float, what: str, **values):
        self.steps.append(Step(round(self.rng.uniform(0.2, length_s), 2), what, values))


def script_of(seed: int, database: str) -> Script:
    return Author(seed, database).script()
