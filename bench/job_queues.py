"""The queue of jobs beside others': graphile-worker and pg-boss on PostgreSQL, BullMQ on Redis.

They come from npm into build/bench/job_peers; where that fails, their rows are missed.
"""

import contextlib
import json
import os
import shutil
import statistics
import subprocess
from functools import partial
from pathlib import Path

import psycopg2

import databases
import peers
from callboard import BINARY, ROOT
from postgres_server import PostgresServer
from rows import ROUNDS, row

JOBS_BENCH = BINARY.parent / "bench/jobs_bench"
SCRIPT = Path(__file__).with_name("job_peers.cjs")
PACKAGES = ROOT / "build/bench/job_peers"
VERSIONS = ("graphile-worker@0.17.3", "pg-boss@10.4.2", "bullmq@5.81.5")
ON_POSTGRES, ON_REDIS = ("graphile-worker", "pg-boss"), ("BullMQ",)
INSTALL_LIMIT_S, RUN_LIMIT_S = 300, 600
# As many are done; so many of them are put in one by one, the others in bulk.
JOBS = int(os.environ.get("QUEUE_JOBS", "50000"))
SINGLES = int(os.environ.get("QUEUE_SINGLES", "3000"))
DONE_TO_BEST, ENQUEUED_TO_PEER = 1.5, 2.0


def jobs(folder: Path):
    """All contenders in turn, round after round, each with a database of its own."""
    runs = {}
    with contextlib.ExitStack() as stack:
        contenders = {"ours": ours} | others(stack)
        for number in range(ROUNDS):
            for name, run in contenders.items():
                runs.setdefault(name, []).append(run(folder / f"{name}-{number}"))
    for name, each in runs.items():
        rates = [f"{figures['done_per_second']:,}" for figures in each]
        singly = [f"{figures['enqueued_per_second']:,}" for figures in each]
        print(f"  {name:<15} {', '.join(rates)} done/s; {', '.join(singly)} put in/s")

    def median(name, figure):
        return statistics.median(run[figure] for run in runs[name]) if name in runs else None

    yield from peer_rows(median)
    for what, text in (("late", "job of a moment begins, ms late"),
                       ("wake", "job on an idle queue begins, ms")):
        for quantile in ("p50", "p99"):
            yield row(f"{text}, {quantile}", median("ours", f"{what}_{quantile}_ms"))


def peer_rows(median):
    names = ON_POSTGRES + ON_REDIS
    done = {name: median(name, "done_per_second") for name in names}
    best = None if None in done.values() else max(done.values())
    for name in names:
        yield row(f"jobs done/s beside {name}", median("ours", "done_per_second"), peer=done[name])
    yield row("jobs done/s beside the best of them", median("ours", "done_per_second"), peer=best,
              at_least=DONE_TO_BEST, ratio=True)
    for name in names:
        yield row(f"jobs put in/s singly beside {name}", median("ours", "enqueued_per_second"),
                  peer=median(name, "enqueued_per_second"), ratio=True,
                  at_least=ENQUEUED_TO_PEER if name in ON_POSTGRES else None)


def ours(data: Path) -> dict:
    data.mkdir()
    return figures([JOBS_BENCH, databases.url_of(data) if databases.SERVER else data])


def figures(command: list) -> dict:
    result = subprocess.run([*command, str(JOBS), str(SINGLES)], capture_output=True, text=True,
                            timeout=RUN_LIMIT_S, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{command}: {result.stderr[-2000:]}")
    return json.loads(result.stdout)


def others(stack: contextlib.ExitStack) -> dict:
    """By name, what measures it on a database of its own; those that can be had."""
    if not are_installed():
        print("  the queues beside ours could not be installed")
        return {}
    postgres = databases.SERVER or stack.enter_context(PostgresServer(**peers.DURABLE)).url()
    found = {name: partial(on_postgres, name, postgres) for name in ON_POSTGRES}
    if shutil.which("redis-server"):
        found |= {name: partial(on_redis, name) for name in ON_REDIS}
    return found


def are_installed() -> bool:
    """The packages as they are wanted, without running scripts of theirs."""
    wanted = PACKAGES / "wanted"
    if wanted.exists() and wanted.read_text() == str(VERSIONS):
        return True
    PACKAGES.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", PACKAGES, "--ignore-scripts", "--no-audit",
               "--no-fund", *VERSIONS]
    if shutil.which("npm") is None or \
            subprocess.run(command, capture_output=True, timeout=INSTALL_LIMIT_S,
                           check=False).returncode != 0:
        return False
    wanted.write_text(str(VERSIONS))
    return True


def on_postgres(name: str, server: str, data: Path) -> dict:
    database = f"peer_{os.getpid()}_{data.name}"
    with contextlib.closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True
        connection.cursor().execute(f'CREATE DATABASE "{database}"')
    return figures(["node", SCRIPT, PACKAGES, name, f"{server.rpartition('/')[0]}/{database}"])


def on_redis(name: str, data: Path) -> dict:
    data.mkdir()
    with peers.redis(data) as (port, _):
        return figures(["node", SCRIPT, PACKAGES, name, f"redis://127.0.0.1:{port}"])
