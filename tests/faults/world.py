"""The processes of one run: the sandbox that plays LINE, the nodes, the database; and what can be
done to them. What dies is started again, what stands still goes on, by tend().
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import psycopg2

import databases
from callboard import BINARY, App, Server, compact_json, expect_ok, initialise
from history import Deed, Evidence, now_ms
from line_sandbox import MESSAGING_SECRET, Sandbox
from script import Script

PATIENCE_S = 20
CALL_S = 3        # a call that takes longer has no outcome
RETURN_S = 2      # how long a caller waits for a node that is down
STILL_S = 1.5     # how long a node stands still that stopped at a point of its own
TMPFS_BYTES = 64 << 20
NO_ANSWER = (OSError, http.client.HTTPException)
_numbers = itertools.count(1)


class Template:
    """An installation as `init` leaves it, of which each run gets a copy."""

    def __init__(self, folder: Path, postgres=None):
        self.data, self.postgres = folder / "template", postgres
        self.keys = initialise(self.data)

    def copy(self, data: Path):
        shutil.copytree(self.data, data, dirs_exist_ok=True)
        if self.postgres is None:
            return
        name = f"run_{os.getpid()}_{next(_numbers)}"
        source = databases.url_of(self.data).rpartition("/")[2]
        with contextlib.closing(psycopg2.connect(self.postgres.url())) as server:
            server.autocommit = True
            server.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {source}")
            # Else a crash would set the copy's sequences back: numbers that the template had in
            # reserve are not in the copy's own log.
            server.cursor().execute("CHECKPOINT")
        databases.moved(data, self.postgres.url(name))


class Node(Server):
    """A `callboard serve` that may die or stand still at any moment, also while it starts."""

    def launch(self, *flags: str, kill_point: str = ""):
        self.log = open(self.data.parent / f"{self.data.name}.log", "ab")
        arguments = ("--data", self.data, "--listen", f"127.0.0.1:{self.port}", *self.flags, *flags)
        env = os.environ | self.env | ({"CALLBOARD_KILL_POINT": kill_point} if kill_point else {})
        self.process = subprocess.Popen([BINARY, "serve", *databases.with_flags(arguments)],
                                        stdout=self.log, stderr=self.log, env=env)
        self.log.close()
        self.starts_at = None  # when it is to be started again
        self.goes_on_at = None  # when it is to be continued

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=CALL_S)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_still(self) -> bool:
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{self.process.pid}/stat").read_text()
            return stat.rpartition(")")[2].split()[0] == "T"
        return False

    def is_up(self) -> bool:
        with contextlib.suppress(*NO_ANSWER):
            return self.is_running() and self.request("GET", "/healthz").status == 200
        return False

    def die(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE_S)


class World:
    """Use as a context manager."""

    def __init__(self, script: Script, folder: Path, template: Template, evidence: Evidence):
        self.script, self.folder, self.evidence = script, folder, evidence
        self.template, self.postgres = template, template.postgres
        self.data = folder / "node-0"
        self.offset_s = 0
        self.kill_points = list(script.kill_points)
        self.pending = []  # what is undone later: (when, function)
        self.pause = threading.Event()
        self.tmpfs = None
        self.is_stalled = False

    def __enter__(self) -> "World":
        with contextlib.ExitStack() as stack:
            self.sandbox = stack.enter_context(Sandbox("--seed", str(self.script.seed)))
            stack.callback(self._end)
            self._prepare()
            stack.pop_all()
        return self

    def __exit__(self, kind, value, traceback):
        self._end()
        self.sandbox.__exit__(kind, value, traceback)

    def _end(self):
        for node in getattr(self, "nodes", ()):
            node.die()
        self._undo()
        if self.tmpfs:
            keep = self.folder / "kept"
            shutil.copytree(self.data, keep, ignore=shutil.ignore_patterns("ballast"))
            subprocess.run(["umount", self.tmpfs], check=True)
            shutil.rmtree(self.data)
            keep.rename(self.data)

    def _prepare(self):
        script = self.script
        self.data.mkdir(parents=True)
        if any(step.what == "disk_full" for step in script.steps):
            self._mount()
        self.template.copy(self.data)
        flags = ("--dev", "--outgoing-allow", "127.0.0.1", "--min-free-bytes", "0",
                 f"--lease={script.lease_ms}", f"--backoff-scale={script.backoff_scale}")
        key = {"CALLBOARD_SERVER_KEY": (self.data / "server.key").read_text().strip()}
        self.nodes = [Node(self.data, *flags, env=key)]
        for number in range(1, script.workers + 1):
            self.nodes.append(Node(self.folder / f"node-{number}", *flags, "--role", "worker",
                                   "--database", databases.url_of(self.data), env=key))
        self.app = App(self.nodes[0], **self.template.keys)
        self.evidence.offsets.append([0, 0])

    def _mount(self):
        """A small disk for the database, which can be filled."""
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "tmpfs",
                                  self.data], capture_output=True, check=False)
        if mounted.returncode == 0:
            self.tmpfs = self.data
        else:
            self.evidence.left_out.append("disk_full: no small disk can be mounted here")

    # --- nodes ---------------------------------------------------------------------------------

    def launch(self, node: Node, is_armed: bool = True):
        is_first = node is self.nodes[0]
        point = self.kill_points.pop(0) if is_armed and is_first and self.kill_points else ""
        node.launch("--clock-offset", str(self.offset_s), kill_point=point)

    def launch_all(self, is_armed: bool = True):
        for node in self.nodes:
            self.launch(node, is_armed)

    def tend(self):
        """Starts what has died, continues what stands still, undoes what was for a while."""
        now = time.monotonic()
        for node in self.nodes:
            if node.starts_at is not None:
                if now >= node.starts_at:
                    self.launch(node)
            elif not node.is_running():
                self.evidence.kills.append(now_ms())
                self.launch(node)
            elif node.goes_on_at is not None:
                if now >= node.goes_on_at:
                    self._continue(node)
            elif node.is_still():  # at a point of its own
                node.still_since_ms = now_ms()
                node.goes_on_at = now + STILL_S
        self._undo(now)

    def _undo(self, now: float | None = None):
        """What is over by then; everything, where no time is given."""
        for entry in [entry for entry in self.pending if now is None or now >= entry[0]]:
            self.pending.remove(entry)
            entry[1]()

    def _continue(self, node: Node):
        node.goes_on_at = None
        node.process.send_signal(signal.SIGCONT)
        self.evidence.stops.append([node.still_since_ms, now_ms()])

    def kill(self, node: int, down_s: float):
        if not self.nodes[node].is_running():
            return
        self.nodes[node].die()
        self.evidence.kills.append(now_ms())
        self.nodes[node].starts_at = time.monotonic() + down_s

    def stop(self, node: int, for_s: float):
        stopped = self.nodes[node]
        if not stopped.is_running() or stopped.goes_on_at is not None:
            return
        stopped.still_since_ms = now_ms()
        stopped.process.send_signal(signal.SIGSTOP)
        stopped.goes_on_at = time.monotonic() + for_s

    def restart(self):
        """All of them, as an operator does."""
        for node in self.nodes:
            self._terminate(node)
        self.launch_all()

    def _terminate(self, node: Node):
        if not node.is_running():
            return
        if node.goes_on_at is not None:
            self._continue(node)
        node.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_S
        while node.is_running():
            if time.monotonic() > deadline:
                self.evidence.stuck.append(f"{node.data.name} did not end by SIGTERM")
                node.die()
            if node.is_still():  # at a point of its own
                node.process.send_signal(signal.SIGCONT)
                self.evidence.stops.append([now_ms(), now_ms()])
            self._undo(time.monotonic())
            self.pause.wait(0.01)
        self.evidence.kills.append(now_ms())

    def clock(self, by_s: int):
        for node in self.nodes:
            node.die()
        self.evidence.kills.append(now_ms())
        self.offset_s += by_s
        self.evidence.offsets.append([now_ms(), self.offset_s])
        self.launch_all()

    def heal(self):
        """Faults end: nothing is down, nothing stands still, no kill point is armed."""
        self.kill_points.clear()
        self._undo()
        self.sandbox.order("DELETE", "/sandbox/faults")
        for node in self.nodes:
            if node.goes_on_at is not None:
                self._continue(node)
            node.die()
        self.launch_all()

    # --- the database --------------------------------------------------------------------------

    def busy(self, for_s: float):
        """Somebody else writes."""
        other = sqlite3.connect(self.data / "callboard.db", timeout=2, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return other.close()
        self.later(for_s, other.close)

    def disk_full(self, for_s: float):
        if not self.tmpfs:
            return
        ballast = self.data / "ballast"
        with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
        self.later(for_s, lambda: ballast.unlink(missing_ok=True))

    def terminate_connections(self):
        self._undo()
        name = databases.url_of(self.data).rpartition("/")[2]
        self.postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                          f" '{name}' AND pid <> pg_backend_pid()")

    def restart_database(self):
        self._undo()
        self.postgres.restart()

    def crash_database(self):
        self._undo()
        self.postgres.restart(signal.SIGQUIT)

    def stall_database(self, for_s: float):
        self._undo()
        self.is_stalled = True
        self.postgres.freeze()
        self.later(for_s, self._thaw)

    def _thaw(self):
        self.postgres.thaw()
        self.is_stalled = False

    def later(self, seconds: float, undo):
        self.pending.append((time.monotonic() + seconds, undo))

    def rows(self, statement: str, **values) -> list[tuple]:
        return databases.execute(self.data, statement, **values)

    def server_ms(self) -> int:
        return now_ms() + self.offset_s * 1000

    # --- the product ---------------------------------------------------------------------------

    def wait_for(self, condition, patience_s: float = PATIENCE_S) -> bool:
        """Asks again and again, and tends the nodes meanwhile."""
        deadline = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.tend()
            self.pause.wait(0.02)
        return True

    def ask(self, deed: Deed, call) -> None:
        """Does it, if a node is there; the deed then knows what is known of it."""
        deadline = time.monotonic() + RETURN_S
        while True:
            deed.began_ms = now_ms()
            try:
                answer = call()
            except ConnectionRefusedError:  # nothing has happened
                if time.monotonic() > deadline:
                    deed.outcome = "refused"
                    return
                self.pause.wait(0.02)
                continue
            except NO_ANSWER:
                deed.ended_ms = now_ms()
                return
            except AssertionError as error:
                self.evidence.complaints.append(f"{deed}: {error}")
                return
            deed.ended_ms = now_ms()
            deed.values["status"] = answer.status
            deed.outcome = "done" if answer.status == 200 else \
                "unknown" if answer.status >= 500 else "refused"
            return

    def call_as(self, user: str, method: str, target: str, body=None):
        """With a session, which is opened first; where that fails nothing has happened."""
        if user not in self.app.sessions:
            opened = self.app.backend("POST", f"/bp/server/user/{user}/session", {})
            if opened.status != 200:
                raise ConnectionRefusedError
            self.app.sessions[user] = opened.json()["session_token"]
        return self.app.client(user, method, target, body)

    def webhook(self, kind: str, user: str):
        body = compact_json({"destination": "U" + "d" * 32, "events": [
            {"type": kind, "mode": "active", "timestamp": self.server_ms(),
             "webhookEventId": f"01H{next(_numbers):023}", "source": {"type": "user",
                                                                      "userId": user},
             "deliveryContext": {"isRedelivery": False}}]})
        digest = hmac.new(MESSAGING_SECRET.encode(), body, hashlib.sha256).digest()
        headers = {"Content-Type": "application/json",
                   "x-line-signature": base64.b64encode(digest).decode()}
        return self.app.server.request("POST", f"/line/webhook/{self.app.app_id}", headers, body)

    def configure(self):
        """A channel at the sandbox, and messages that say what they are about."""
        token = {} if self.script.is_stateless else {"channel_access_token": "sandbox-access-token"}
        expect_ok(self.app.operator("PATCH", f"{self.app.console}/settings", {
            "line": {"messaging_channel_id": "1234567890",
                     "messaging_channel_secret": MESSAGING_SECRET,
                     "api_base_url": self.sandbox.url} | token,
            "multicasts_per_second": self.script.multicasts_per_second,
            "message_template": {"text": "{{event_id}} {{name}} {{date}} {{time}}"}}))
