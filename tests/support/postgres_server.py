"""A PostgreSQL server of a test's own: on loopback, with its data in a temporary folder.

Runs as an unprivileged user, as PostgreSQL demands it: as `postgres` where the caller is root. Its
text is ordered by a language's rules, not by bytes, so that what must not depend on that is tested.
It does not wait for the disk: the machine survives these tests, whatever happens to the processes.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

USER = "postgres"
PATIENCE_S = 60
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",
    "full_page_writes": "off",
    "log_min_messages": "fatal",
}


def programs() -> Path:
    """Where Debian keeps the newest version's server programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"),
                   key=lambda path: int(path.parts[4]))
    if not found:
        raise RuntimeError("there is no PostgreSQL; tools/install_packages test")
    return found[-1].parent


class PostgresServer:
    """Use as a context manager, or start() and remove()."""

    def __init__(self, standby_of: "PostgresServer | None" = None, **settings: str):
        self.folder = Path(tempfile.mkdtemp(prefix="callboard-postgres-"))
        self.settings = SETTINGS | settings
        self.process = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        if os.geteuid() == 0:
            owner = pwd.getpwnam(USER)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        if standby_of is not None:
            self._run("pg_basebackup", "--pgdata", self.folder / "data", "--write-recovery-conf",
                      "--dbname", standby_of.url(), "--checkpoint=fast", "--no-sync")
            return
        self._run("initdb", "--pgdata", self.folder / "data", "--username", USER, "--auth=trust",
                  "--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu",
                  "--icu-locale=en-US", "--no-sync")

    def url(self, database: str = USER) -> str:
        return f"postgres://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> "PostgresServer":
        arguments = [argument for name, value in self.settings.items()
                     for argument in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [programs() / "postgres", "-D", self.folder / "data", "-p", str(self.port),
                 *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **self._identity())
        ready = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", self.port, "-t", PATIENCE_S]
        while self._run(*ready, check=False).returncode != 0:
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text(errors="replace")[-3000:])
        return self

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGTERM waits for clients, SIGINT ends their sessions, SIGQUIT is a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE_S)
            self.process = None

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        self.stop(how)
        self.start()

    def promote(self) -> None:
        """A standby becomes a server that is written to."""
        self.sql("SELECT pg_promote()")

    def freeze(self) -> None:
        """Nothing of it runs any more, and nobody is told: a network that stalls."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, which: signal.Signals) -> None:
        """The postmaster first, so that it starts nobody meanwhile."""
        self.process.send_signal(which)
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for child in children.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), which)

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, statement: str, database: str = USER) -> str:
        """Runs it with psql, and returns the rows with columns parted by tabs."""
        return self._run("psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1",
                         "-d", self.url(database), "-c", statement).stdout.strip()

    def __enter__(self):
        return self.start()

    def __exit__(self, *unused):
        self.remove()

    @staticmethod
    def _identity() -> dict:
        return {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}

    def _run(self, program, *arguments, check=True):
        result = subprocess.run([programs() / program, *map(str, arguments)], cwd="/",
                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=PATIENCE_S, check=False, **self._identity())
        if check and result.returncode != 0:
            raise RuntimeError(f"{program} failed: {result.stderr[-3000:]}")
        return result
