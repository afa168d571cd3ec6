"""Reminders under faults: a few seeds of those that `make faults` draws without end."""

import pytest

import databases
from callboard import ROOT
from invariants import judge
from run import Batch, Play
from script import FAR_S, Event, Script, Step

SEEDS = range(1, 14)


@pytest.fixture(scope="module")
def batch():
    with Batch("postgres" if databases.SERVER else "sqlite", ROOT / "build/faults") as batch:
        yield batch


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_forgotten_and_nobody_is_told_twice(batch, seed):
    assert batch.run(seed) == []


def quiet(**members) -> Script:
    """Two pages of people and one event, due in a second; nothing goes wrong."""
    users = tuple(f"U{number:032x}" for number in range(1000))
    return Script(**{
        "seed": 0, "database": "postgres" if databases.SERVER else "sqlite", "lease_ms": 1000,
        "backoff_scale": 0.01, "workers": 0, "multicasts_per_second": 180, "is_stateless": False,
        "users": users, "blocked": frozenset(), "line_faults": (), "kill_points": (), "steps": (),
        "events": (Event("event-0", 1, 1, (1,), tuple(range(len(users)))),)} | members)


@pytest.mark.parametrize("step", [Step(0, "move", {"event": "event-0", "start_in_s": FAR_S}),
                                  Step(0, "delete", {"event": "event-0"})],
                         ids=["moved", "deleted"])
def test_what_waits_for_its_turn_is_not_sent_of_an_event_that_is_off(batch, tmp_path, step):
    """One call a second: the second page waits when the event is moved or deleted."""
    play = Play(quiet(multicasts_per_second=1), tmp_path / "run", batch.template)
    with play.world as world:
        play.prepare()
        assert world.wait_for(lambda: play.all_of("attempts", "attempts"))
        assert play.perform(step).outcome == "done"
        assert world.wait_for(lambda: not play.live())
        play.collect()
    assert judge(play.evidence) == []
    assert len(play.evidence.ledger) == 500
    assert sorted(row["state"] for row in play.evidence.deliveries) == ["accepted", "cancelled"]
