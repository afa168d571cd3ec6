"""PgBouncer, in front of a PostgreSQL server of the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg2

from callboard import free_port
from cluster import wait_until
from postgres_server import USER, PostgresServer

CONFIG = """
[databases]
* = host=127.0.0.1 port={server_port} user={user}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 6
max_client_conn = 500
logfile = {folder}/log
"""


class PgBouncer:
    """A context manager. Few sessions for many connections, so that they are really shared."""

    def __init__(self, postgres: PostgresServer, mode: str = "transaction"):
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="callboard-pgbouncer-"))
        config = self.folder / "pgbouncer.ini"
        config.write_text(CONFIG.format(server_port=postgres.port, port=self.port, user=USER,
                                        folder=self.folder, mode=mode))
        self.identity = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam(USER)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self.identity = {"user": USER, "group": USER, "extra_groups": []}
        self.command = [shutil.which("pgbouncer", path="/usr/sbin:/usr/bin"), "-q", config]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, cwd="/",
                                        stderr=subprocess.DEVNULL, **self.identity)
        wait_until(self._answers)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folder)

    def _answers(self) -> bool:
        try:
            psycopg2.connect(self.url(f"postgres://{USER}@x/{USER}")).close()
        except psycopg2.OperationalError:
            return False
        return True

    def url(self, direct: str) -> str:
        """Where the database of that URL is reached through this."""
        return f"postgres://{USER}@127.0.0.1:{self.port}/{direct.rpartition('/')[2]}"
