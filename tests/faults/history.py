"""What a run did and was answered, with when; and all that it left behind, for invariants.py.

Plain values that go to JSON and back. Times are milliseconds of this machine's clock, unless they
are a row's of the server, whose clock may be moved.
"""

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Deed:
    """One thing that was asked of the product. `outcome`: done (it was answered so), refused
    (nothing happened), unknown."""
    what: str
    values: dict
    began_ms: int
    ended_ms: int = 0
    outcome: str = "unknown"


@dataclass
class Evidence:
    seed: int = 0
    database: str = "sqlite"
    backoff_scale: float = 1.0
    multicasts_per_second: int = 180
    users: list = field(default_factory=list)    # ids
    blocked: list = field(default_factory=list)  # ids, from the beginning
    leads: dict = field(default_factory=dict)    # by event
    subscribed: list = field(default_factory=list)  # [user, event], from the beginning
    line_faults: list = field(default_factory=list)  # kinds
    deeds: list = field(default_factory=list)
    offsets: list = field(default_factory=list)  # [since_ms, seconds], of the server's clock
    stops: list = field(default_factory=list)    # [from_ms, to_ms]: a node stood still
    kills: list = field(default_factory=list)    # when a node died
    crowded: list = field(default_factory=list)  # more than one live send, as sampled
    stuck: list = field(default_factory=list)    # what did not end
    complaints: list = field(default_factory=list)  # of answers that the API's description forbids
    left_out: list = field(default_factory=list)  # faults that this machine can't have
    sends: list = field(default_factory=list)    # rows of the database, as dicts
    deliveries: list = field(default_factory=list)
    recipients: list = field(default_factory=list)
    events: list = field(default_factory=list)
    subscriptions: list = field(default_factory=list)
    ledger: list = field(default_factory=list)   # rows of the sandbox
    attempts: list = field(default_factory=list)

    def save(self, path: Path):
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, path: Path) -> "Evidence":
        values = json.loads(path.read_text())
        values["deeds"] = [Deed(**deed) for deed in values["deeds"]]
        return cls(**values)
