"""The database restarts, crashes, stalls, hangs up or refuses, in the middle of traffic: no
acknowledged write is lost, no answer is wrong, boards in memory are served all the while, and soon
after its return all is as before."""

import contextlib
import random
import re
import signal
import time
from pathlib import Path

import psycopg2
import pytest

import databases
from cluster import Cluster, Traffic, is_ready, wait_until
from pgbouncer import PgBouncer
from postgres_server import PostgresServer
from test_nodes import ROUNDS, SEED

RECOVERY_S = 2.0  # from the database's return
READ_S = 2.0      # of a board that lies in memory, on a busy machine; whoever waits for the
                  # database waits for longer
GROWTH_BYTES = 64 << 20


@pytest.fixture
def own_postgres(monkeypatch, request):
    """A server for one test alone, with settings of its own."""
    with PostgresServer(**getattr(request, "param", {})) as server:
        monkeypatch.setattr(databases, "SERVER", server.url())
        yield server


def resident_bytes(app) -> int:
    status = Path(f"/proc/{app.server.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) << 10


def require_reads_go_on(traffic: Traffic):
    wanted = traffic.read + 20
    wait_until(lambda: traffic.read >= wanted or traffic.failures)
    assert traffic.slowest_read_s < READ_S


def require_recovery(traffic: Traffic, returned: float):
    """All nodes are ready and write again."""
    for app in traffic.cluster.apps:
        wait_until(lambda app=app: is_ready(app), RECOVERY_S)
    traffic.wait_for_writes(10)
    assert time.monotonic() - returned <= RECOVERY_S


def require_refusals(traffic: Traffic):
    wanted = traffic.refused + 4
    wait_until(lambda: traffic.refused >= wanted or traffic.failures)
    for app in traffic.cluster.apps:
        answer = app.server.request("GET", "/readyz")
        assert answer.status == 503
        assert "database" in [problem["what"] for problem in answer.json()["problems"]]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restart", "crash"])
def test_a_restart(own_postgres, tmp_path, how):
    with Cluster(tmp_path, 2) as cluster:
        before = [resident_bytes(app) for app in cluster.apps]
        traffic = Traffic(cluster, SEED)
        for _ in range(3):
            with traffic:
                traffic.wait_for_writes()
                own_postgres.stop(how)
                require_refusals(traffic)
                require_reads_go_on(traffic)
                own_postgres.start()
                require_recovery(traffic, time.monotonic())
            traffic.settle()
        for app, size in zip(cluster.apps, before):
            assert resident_bytes(app) - size < GROWTH_BYTES


def test_a_restart_behind_pgbouncer(own_postgres, tmp_path):
    """What PgBouncer has to say of it is answered like what the server says itself."""
    with PgBouncer(own_postgres) as bouncer:
        url = databases.url_of(tmp_path / "node-0")
        with Cluster(tmp_path, 2, "--database", bouncer.url(url), "--database-direct",
                     url) as cluster:
            traffic = Traffic(cluster, SEED)
            with traffic:
                traffic.wait_for_writes()
                own_postgres.stop(signal.SIGQUIT)
                require_reads_go_on(traffic)
                own_postgres.start()
                traffic.wait_for_writes()  # PgBouncer, too, waits before it tries again
            traffic.settle()


@pytest.mark.parametrize("own_postgres", [{"synchronous_standby_names": "*"}], indirect=True)
def test_a_failover(own_postgres, tmp_path):
    """The server is gone for good, and its standby takes its place, another history with it."""
    with PostgresServer(standby_of=own_postgres) as standby:
        first = databases.url_of(tmp_path / "node-0")
        second = standby.url(first.rpartition("/")[2])
        both = first.replace(f":{own_postgres.port}/",
                             f":{own_postgres.port},127.0.0.1:{standby.port}/")
        with Cluster(tmp_path, 2, "--database",
                     both + "?target_session_attrs=read-write") as cluster:
            traffic = Traffic(cluster, SEED)
            with traffic:
                traffic.wait_for_writes()
                own_postgres.stop(signal.SIGQUIT)
                require_refusals(traffic)
                require_reads_go_on(traffic)
                standby.promote()
                databases.moved(cluster.home, second)
                require_recovery(traffic, time.monotonic())
            traffic.settle()


def test_a_stall(own_postgres, tmp_path):
    """Nothing is answered and nothing is closed. Short, and for longer than anybody waits."""
    with Cluster(tmp_path, 2) as cluster:
        traffic = Traffic(cluster, SEED)
        for is_long in (False, True):
            with traffic:
                traffic.wait_for_writes()
                own_postgres.freeze()
                try:
                    require_reads_go_on(traffic)
                    if is_long:
                        refused = traffic.refused
                        wait_until(lambda refused=refused: traffic.refused > refused)
                        require_reads_go_on(traffic)
                finally:
                    own_postgres.thaw()
                require_recovery(traffic, time.monotonic())
            traffic.settle()


def test_connections_that_are_hung_up(postgres, tmp_path):
    with Cluster(tmp_path, 2) as cluster:
        traffic = Traffic(cluster, SEED)
        with traffic:
            for _ in range(20):
                traffic.wait_for_writes(5)
                cluster.execute("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()""")
            require_recovery(traffic, time.monotonic())
        traffic.settle()


@pytest.mark.parametrize("own_postgres", [{"max_connections": "24"}], indirect=True)
def test_no_connection_is_left(own_postgres, tmp_path):
    """Others have taken them all while the node had lost its own."""
    with Cluster(tmp_path, 1, "--database-readers=4", "--database-writers=4") as cluster:
        traffic = Traffic(cluster, SEED)
        with traffic, contextlib.ExitStack() as others:
            traffic.wait_for_writes()
            mine = others.enter_context(contextlib.closing(connect(cluster)))
            is_taken = False
            while not is_taken or traffic.refused < 4:
                mine.cursor().execute("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = 'callboard' AND pid <> pg_backend_pid()""")
                mine.commit()
                with contextlib.suppress(psycopg2.OperationalError):
                    while True:
                        others.enter_context(contextlib.closing(connect(cluster)))
                is_taken = True
            require_reads_go_on(traffic)
            others.close()
            require_recovery(traffic, time.monotonic())
        traffic.settle()


def connect(cluster):
    return psycopg2.connect(databases.url_of(cluster.home))


@pytest.mark.parametrize("own_postgres", [{"fsync": "on", "commit_delay": "100000",
                                           "commit_siblings": "0"}], indirect=True)
def test_a_slow_disk(own_postgres, tmp_path):
    """Every commit takes a tenth of a second: writes are slow, reads are not."""
    with Cluster(tmp_path, 2) as cluster:
        traffic = Traffic(cluster, SEED)
        with traffic:
            assert traffic.wait_for_writes(40) >= 0.5, "the disk is not slow"
            require_reads_go_on(traffic)
            assert traffic.refused == 0
        traffic.settle()


def test_anything_at_any_moment(own_postgres, tmp_path):
    """Nodes and the database are killed at random."""
    print(f"SEED={SEED} ROUNDS={ROUNDS}")
    rng = random.Random(SEED)
    with Cluster(tmp_path) as cluster:
        traffic = Traffic(cluster, SEED)
        for _ in range(ROUNDS):
            with traffic:
                traffic.wait_for_writes(rng.randint(1, 40))
                victims = rng.sample([*cluster.apps, None], rng.randint(1, 2))
                for victim in victims:
                    own_postgres.stop(signal.SIGQUIT) if victim is None else victim.server.kill()
                for victim in sorted(victims, key=lambda app: app is not None):
                    own_postgres.start() if victim is None else victim.server.start()
                require_recovery(traffic, time.monotonic())
            traffic.settle()
