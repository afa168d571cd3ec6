"""The yardsticks: nginx with a static file, the raw epoll loop; and wrk, which asks all alike."""

import contextlib
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

import databases
from callboard import BINARY, free_port
from postgres_server import programs

RAW_EPOLL = BINARY.parent / "bench/raw_epoll"
START_LIMIT_S = 10
# PostgreSQL as Debian starts it, with more connections.
DURABLE = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "128MB"}

NGINX_CONFIG = """
{user}
worker_processes 2;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 75;
  keepalive_requests 1000000000;
  open_file_cache max=1000 inactive=1h;
  open_file_cache_valid 1h;
  default_type application/json;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=1024 reuseport;
    root {folder}/files;
  }}
}}
"""


@contextlib.contextmanager
def running(command, port):
    """A process that listens on the port, stopped by its id at the end; yields (port, id)."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        give_up = time.monotonic() + START_LIMIT_S
        while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"{command[0]} does not start")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(START_LIMIT_S)


@contextlib.contextmanager
def nginx(folder: Path, files: dict[str, bytes]):
    """nginx with static files, by their paths; yields (port, id), or None without nginx."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        yield None
        return
    for path, content in files.items():
        file = folder / "files" / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(NGINX_CONFIG.format(folder=folder, port=port, user=user))
    with running([program, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(config)],
                 port) as started:
        yield started


@contextlib.contextmanager
def raw_epoll(body_bytes: int):
    """The bare loop, with answers of that size; yields (port, id), or None where not built."""
    if not RAW_EPOLL.exists():
        yield None
        return
    port = free_port()
    with running([RAW_EPOLL, str(port), str(body_bytes)], port) as started:
        yield started


@contextlib.contextmanager
def redis(folder: Path):
    """A Redis that keeps its append-only file in that folder; yields (port, id)."""
    port = free_port()
    with running(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", folder,
                  "--appendonly", "yes", "--save", ""], port) as started:
        yield started


# What one upload of attributes does, by the server's own load generator.
PGBENCH_UPLOAD = """
\\set n random(0, {users} - 1)
BEGIN;
INSERT INTO users (app_id, user_id, attributes, version, registered_at_ms, updated_at_ms)
  VALUES ('demo', 'u' || :n, '{{}}', 1, 1, 1) ON CONFLICT (app_id, user_id)
  DO UPDATE SET version = users.version + 1, updated_at_ms = excluded.updated_at_ms
  RETURNING attributes, version, registered_at_ms;
UPDATE users SET attributes = '{{"age":1}}' WHERE app_id = 'demo' AND user_id = 'u' || :n;
INSERT INTO changes (app_id, kind, key, at_ms) VALUES ('demo', 'attributes', 'u' || :n, 1)
  RETURNING seq;
COMMIT;
"""


def pgbench(url: str, folder: Path, users: int, clients: int, seconds: int) -> float:
    """Such transactions a second."""
    script = folder / "upload.sql"
    script.write_text(PGBENCH_UPLOAD.format(users=users))
    result = subprocess.run(
        [programs() / "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2",
         "-T", str(seconds), "-f", script, url], capture_output=True, text=True, check=True)
    return float(re.search(r"^tps = ([\d.]+)", result.stdout, re.MULTILINE).group(1))


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and of its children, as nginx has."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) for child in children)


def wrk(port: int, pid: int, requests: Path, seconds: int, connections=100, pause_ms=0) -> dict:
    """The seed's load, 4 threads and 100 connections, on the server with that id:
    requests, seconds, errors, p50_ms, p95_ms, p99_ms, rate, and cpu_us a request."""
    before = cpu_seconds(pid)
    result = subprocess.run(
        ["wrk", "-t4", f"-c{connections}", f"-d{seconds}s", "--timeout", "5s",
         "-s", Path(__file__).parent / "replay.lua", f"http://127.0.0.1:{port}"],
        capture_output=True, text=True, check=True,
        env=os.environ | {"REQUESTS": str(requests), "PAUSE_MS": str(pause_ms)})
    answer = json.loads(next(line for line in result.stdout.splitlines() if line.startswith("{")))
    return answer | {"rate": answer["requests"] / answer["seconds"],
                     "cpu_us": (cpu_seconds(pid) - before) / answer["requests"] * 1e6}


def bare_commits(data: Path, types: int, at_once: int, seconds: int) -> float:
    """Increments a second of a loop that does nothing else, `at_once` to a commit, in a database
    beside that of the data folder: a file of its own on the same disk, or a table of its own."""
    if databases.SERVER:
        connection, prefix = databases.connect(data), ""
    else:
        connection = sqlite3.connect(data / "bare.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # Its log has the length that it stays at; to lengthen it costs more than to write it.
        connection.execute("CREATE TABLE IF NOT EXISTS padding (bytes)")
        connection.execute("INSERT INTO padding VALUES (zeroblob(8000000))")
        connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        prefix = "BEGIN IMMEDIATE"
    with contextlib.closing(connection), contextlib.closing(connection.cursor()) as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_tally")
        cursor.execute("CREATE TABLE bare_tally (id INTEGER PRIMARY KEY, tally BIGINT)")
        for number in range(types):
            cursor.execute(f"INSERT INTO bare_tally VALUES ({number}, 0)")
        connection.commit()
        add = [f"UPDATE bare_tally SET tally = tally + 1 WHERE id = {number % types}"
               for number in range(at_once)]
        begun, done = time.perf_counter(), 0
        while time.perf_counter() < begun + seconds:
            if prefix:
                cursor.execute(prefix)
            for statement in [";".join(add)] if databases.SERVER else add:
                cursor.execute(statement)
            connection.commit()
            done += at_once
        rate = done / (time.perf_counter() - begun)
        cursor.execute("DROP TABLE bare_tally")
        connection.commit()
    return rate
