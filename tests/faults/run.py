#!/usr/bin/python3
"""Reminders under random faults: `make faults RUNS=n SEED=s DATABASE=sqlite|postgres|both`.

One run is a seed. It starts the real binary and a sandbox that plays LINE, lets reminders become
due, does to them and to the processes what the seed's script says, ends all faults, waits until
nothing is under way, and judges what the receiver saw. What a failing run left behind is kept.
"""

import argparse
import contextlib
import datetime
import json
import os
import queue
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":  # else tests/conftest.py does
    sys.path[:0] = [str(HERE.parent / "api"), str(HERE.parent / "support")]

# pylint: disable=wrong-import-position
import psycopg2  # noqa: E402

import databases  # noqa: E402
from callboard import expect_ok  # noqa: E402
from history import Deed, Evidence, now_ms  # noqa: E402
from invariants import KINDS, Finding, judge  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from script import FAR_S, LEAD_S, Script, Step, script_of  # noqa: E402
from world import NO_ANSWER, Template, World  # noqa: E402

SAMPLE_S = 0.1
DATABASE_GONE = (psycopg2.Error, sqlite3.Error)
SAMPLE = """SELECT subject_id, lead_minutes, COUNT(*) FROM sends WHERE kind = 'reminder'
  AND state IN ('scheduled', 'held', 'paging', 'sending')
  GROUP BY subject_id, owner_id, lead_minutes HAVING COUNT(*) > 1"""
LIVE = {
    "send": """SELECT send_id, subject_id, state, reason FROM sends WHERE due_at_ms <= :now
               AND state IN ('scheduled', 'held', 'paging', 'sending')""",
    "delivery": """SELECT retry_key, state, attempts, message FROM send_deliveries
                   WHERE state IN ('ready', 'trying')""",
    "job": """SELECT job_id, kind, state, errors FROM jobs
              WHERE kind <> 'maintenance.prune'
              AND (state IN ('available', 'running') OR run_at_ms <= :now)""",
    "webhook event": """SELECT webhook_event_id, event FROM line_webhook_events
                        WHERE done_at_ms IS NULL""",
}
TABLES = {
    "sends": ("SELECT {} FROM sends", "send_id subject_id subject_made_at_ms kind version "
              "lead_minutes due_at_ms begin_before_ms end_before_ms state reason created_at_ms "
              "claimed_at_ms ended_at_ms"),
    "deliveries": ("SELECT {} FROM send_deliveries", "retry_key send_id endpoint recipients state "
                   "attempts in_doubt begin_before_ms end_before_ms message created_at_ms "
                   "first_attempt_at_ms ended_at_ms"),
    "recipients": ("SELECT {} FROM send_recipients", "send_id user_id retry_key reason"),
    "events": ("SELECT {} FROM events WHERE owner_id = ''", "event_id start_ms detail version "
               "created_at_ms"),
    "subscriptions": ("SELECT {} FROM subscriptions", "user_id event_id remind created_at_ms"),
}


class Play:
    """One run, from its first process to its evidence."""

    def __init__(self, script: Script, folder: Path, template: Template):
        self.script = script
        self.evidence = Evidence(
            seed=script.seed, database=script.database, backoff_scale=script.backoff_scale,
            multicasts_per_second=script.multicasts_per_second, users=list(script.users),
            blocked=[script.users[number] for number in sorted(script.blocked)],
            leads={event.id: list(event.leads) for event in script.events},
            subscribed=[[script.users[user], event.id] for event in script.events
                        for user in event.subscribers],
            line_faults=[fault["kind"] for fault in script.line_faults])
        self.world = World(script, folder, template, self.evidence)
        self.revisions = Counter()
        self.hands = queue.Queue()  # of whoever uses the product, one thing after the other

    def run(self) -> Evidence:
        with self.world as world:
            self.prepare()
            user = threading.Thread(target=self.use)
            user.start()
            try:
                self.follow_script()
            finally:
                self.hands.put(None)
                world.wait_for(lambda: not user.is_alive())
                user.join()
            self.settle()
            self.collect()
        return self.evidence

    # --- what comes before ---------------------------------------------------------------------

    def prepare(self):
        """Everybody is subscribed to events that are far away; then some come near."""
        world, script = self.world, self.script
        world.launch_all(is_armed=False)
        assert world.wait_for(world.nodes[0].is_up), "the server does not start"
        world.configure()
        for event in script.events:
            expect_ok(world.app.operator("POST", f"{world.app.console}/events", {
                "id": event.id, "leads_minutes": list(event.leads)} |
                self.content(event.id, FAR_S)))
        self.subscribe_everybody()
        world.sandbox.faults(*script.line_faults, seed=script.seed)
        if world.kill_points:
            world.nodes[0].die()
            world.launch(world.nodes[0])
        for event in script.events:
            if event.due_in_s is not None:
                step = Step(0, "move", {"event": event.id,
                                        "start_in_s": event.due_lead * LEAD_S + event.due_in_s})
                assert world.wait_for(lambda step=step: self.perform(step).outcome == "done"), step

    def subscribe_everybody(self):
        app_id, data = self.world.app.app_id, self.world.data
        databases.insert_many(data, "subscriptions", [
            (app_id, user, event, "", 1, now_ms()) for user, event in self.evidence.subscribed])
        databases.insert_many(data, "line_accounts", [
            (app_id, user, "", "", now_ms(), 0, now_ms(), now_ms())
            for user in self.evidence.blocked])

    def content(self, event: str, start_in_s: int | None = None) -> dict:
        self.revisions[event] += 1
        fields = {"event_detail": json.dumps({"name": f"rev {self.revisions[event]}"})}
        if start_in_s is not None:
            start = datetime.datetime.fromtimestamp(self.world.server_ms() // 1000 + start_in_s,
                                                    datetime.timezone.utc)
            fields |= {"event_time_start": start.isoformat(),
                       "event_time_end": (start + datetime.timedelta(hours=1)).isoformat()}
        return fields

    # --- what happens --------------------------------------------------------------------------

    def follow_script(self):
        world, start, sampled = self.world, time.monotonic(), 0.0
        steps = list(self.script.steps)
        while steps:
            elapsed = time.monotonic() - start
            world.tend()
            if elapsed >= steps[0].at_s:
                step = steps.pop(0)
                if step.what in ACTIONS:
                    self.hands.put(step)
                elif step.what != "settle":
                    getattr(world, step.what)(**step.values)
            elif elapsed - sampled >= SAMPLE_S:
                sampled = elapsed
                self.sample()
            else:
                world.pause.wait(0.01)

    def sample(self):
        if self.world.is_stalled:
            return
        with contextlib.suppress(*DATABASE_GONE):
            self.evidence.crowded += map(str, self.world.rows(SAMPLE))

    def use(self):
        while (step := self.hands.get()) is not None:
            self.perform(step)

    def perform(self, step: Step) -> Deed:
        values = dict(step.values)
        if "user" in values:
            values["user"] = self.script.users[values["user"]]
        deed = Deed(step.what, values, now_ms())
        call = ACTIONS[step.what](self, values)
        self.world.ask(deed, call)
        self.evidence.deeds.append(deed)
        return deed

    def change_event(self, values: dict):
        content = self.content(values["event"], values.get("start_in_s"))
        values["rev"] = self.revisions[values["event"]]
        app = self.world.app
        return lambda: app.operator("PATCH", f"{app.console}/events/{values['event']}", content)

    def delete_event(self, values: dict):
        app = self.world.app
        return lambda: app.operator("DELETE", f"{app.console}/events/{values['event']}")

    def subscribe(self, values: dict):
        return lambda: self.world.call_as(values["user"], "POST", "/users/events",
                                          {"id": values["event"]})

    def unsubscribe(self, values: dict):
        return lambda: self.world.call_as(values["user"], "DELETE",
                                          f"/users/events/{values['event']}")

    def block(self, values: dict):
        return lambda: self.world.webhook("unfollow", values["user"])

    def follow(self, values: dict):
        return lambda: self.world.webhook("follow", values["user"])

    # --- what comes after ----------------------------------------------------------------------

    def settle(self):
        """Faults end, and so does all that is under way."""
        self.world.heal()
        live = ["the nodes did not start"]

        def is_over():
            if not all(node.is_up() for node in self.world.nodes):
                return False
            try:
                live[:] = self.live()
            except DATABASE_GONE as error:
                live[:] = [f"the database is gone: {error}"]
            return not live

        if not self.world.wait_for(is_over):
            self.evidence.stuck += live

    def live(self) -> list[str]:
        return [f"{what} {row}" for what, statement in LIVE.items()
                for row in self.world.rows(statement, **(
                    {"now": self.world.server_ms()} if ":now" in statement else {}))]

    def collect(self):
        world, evidence = self.world, self.evidence
        for name, (statement, columns) in TABLES.items():
            rows = world.rows(statement.format(", ".join(columns.split())))
            setattr(evidence, name, [dict(zip(columns.split(), row)) for row in rows])
        evidence.ledger = [{"to": row["to"], "retry_key": row["retry_key"], "at": row["at"],
                            "text": row["messages"][0]["text"]} for row in self.all_of("ledger",
                                                                                      "messages")]
        evidence.attempts = self.all_of("attempts", "attempts")
        violations = world.sandbox.violations()
        evidence.complaints += [f"LINE complains: {what}" for what in violations]

    def all_of(self, path: str, member: str) -> list:
        rows, is_more = [], True
        while is_more:
            after = rows[-1]["number"] if rows else 0
            answer = self.world.sandbox.get(f"/sandbox/{path}?after={after}").json()
            rows += answer[member]
            is_more = answer.get("more", False)
        return rows


ACTIONS = {"move": Play.change_event, "rename": Play.change_event, "delete": Play.delete_event,
           "subscribe": Play.subscribe, "unsubscribe": Play.unsubscribe, "block": Play.block,
           "follow": Play.follow}


def summary_of(evidence: Evidence) -> str:
    states = Counter(row["state"] for row in evidence.deliveries)
    parts = [f"{len(evidence.ledger)} received", f"{len(evidence.attempts)} attempts"]
    parts += [f"{count} {state}" for state, count in sorted(states.items())]
    return ", ".join(parts) + "".join(f"; left out: {what}" for what in evidence.left_out)


class Batch:
    """Runs on one kind of database. A context manager."""

    def __init__(self, database: str, keep_in: Path):
        self.database, self.keep_in = database, keep_in

    def __enter__(self) -> "Batch":
        with contextlib.ExitStack() as stack:
            self.before = databases.SERVER
            stack.callback(setattr, databases, "SERVER", self.before)
            self.folder = Path(stack.enter_context(
                tempfile.TemporaryDirectory(prefix="callboard-faults-")))
            postgres = None
            databases.SERVER = None
            if self.database == "postgres":
                postgres = stack.enter_context(PostgresServer())
                databases.SERVER = postgres.url()
            self.template = Template(self.folder, postgres)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *exception):
        return self.stack.__exit__(*exception)

    def run(self, seed: int) -> list[Finding]:
        """What is wrong, with the evidence of it kept; nothing: nothing."""
        script = script_of(seed, self.database)
        folder = self.folder / f"{self.database}-{seed}"
        start = time.monotonic()
        play = Play(script, folder, self.template)
        try:
            play.run()
            findings = judge(play.evidence)
        except (AssertionError, RuntimeError, subprocess.SubprocessError, *NO_ANSWER,
                *DATABASE_GONE) as error:
            where = traceback.format_exc(limit=-3)
            findings = [Finding("other", f"the run itself failed: {error!r}\n{where}")]
        if findings:
            self.keep(script, folder, play.evidence, findings)
        print(f"{'FAILED' if findings else 'ok':6} SEED={seed} DATABASE={self.database} "
              f"{time.monotonic() - start:.1f} s: {summary_of(play.evidence)}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        return findings

    def keep(self, script: Script, folder: Path, evidence: Evidence, findings: list[Finding]):
        kept = self.keep_in / folder.name
        shutil.rmtree(kept, ignore_errors=True)
        if folder.exists():
            shutil.copytree(folder, kept)
        else:
            kept.mkdir(parents=True)
        evidence.save(kept / "evidence.json")
        (kept / "script.txt").write_text("\n".join(script.lines()) + "\n")
        (kept / "findings.txt").write_text("\n".join(map(str, findings)) + "\n")
        for finding in findings[:5]:
            print(f"  {finding}")
        print(f"  kept in {kept}; again by: make faults RUNS=1 SEED={script.seed} "
              f"DATABASE={self.database}")


def run_all(names: list[str], seeds: range, keep_in: Path) -> bool:
    """Prints the summary; whether all is well."""
    counts, failing = Counter({kind: 0 for kind in KINDS}), []
    runs = 0
    for database in names:
        with Batch(database, keep_in) as batch:
            for seed in seeds:
                runs += 1
                if findings := batch.run(seed):
                    counts.update({finding.kind for finding in findings})
                    failing.append(f"SEED={seed} DATABASE={database}")
    for each in failing:
        print(f"failed: make faults RUNS=1 {each}")
    print(f"runs={runs} " + " ".join(f"{kind}={counts[kind]}" for kind in KINDS), flush=True)
    return not failing


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--keep-in", type=Path, default=Path("build/faults"))
    parser.add_argument("--show", action="store_true", help="the seed's script alone")
    parser.add_argument("--judge", type=Path, help="a run's kept folder, again")
    options = parser.parse_args()
    names = ["sqlite", "postgres"] if options.database == "both" else [options.database]
    if options.judge:
        findings = judge(Evidence.load(options.judge / "evidence.json"))
        print(*findings or ["nothing is wrong"], sep="\n")
        sys.exit(1 if findings else 0)
    if options.show:
        for name in names:
            print(*script_of(options.seed, name).lines(), sep="\n")
        return
    os.environ.pop("CALLBOARD_TEST_POSTGRES", None)
    # All that was started goes, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    print(f"SEED={options.seed} RUNS={options.runs} DATABASE={options.database}", flush=True)
    seeds = range(options.seed, options.seed + options.runs)
    sys.exit(0 if run_all(names, seeds, options.keep_in.resolve()) else 1)


if __name__ == "__main__":
    main()
