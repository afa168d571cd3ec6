"""Three nodes on one PostgreSQL: what is written on one is read on the others."""

import os
import random
import statistics
import threading
import time

import pytest

import databases
from callboard import Server, expect_ok, free_port, run_cli
from cluster import LOOK_PERIOD_S, Cluster, Traffic, through, wait_until
from pgbouncer import PgBouncer
from streams import Stream

ROUNDS = int(os.environ.get("ROUNDS", "12"))
SEED = int(os.environ.get("SEED", str(int(time.time()))))
NOTIFIED_S = 0.05  # how soon another node has what a notification told it


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


def board_revision(app) -> int:
    answer = app.backend("GET", "/bp/server/user/u/bulletin_board")
    expect_ok(answer)
    return int(answer.headers["X-Board-Revision"])


# --- how soon ----------------------------------------------------------------------------------


def test_a_bulletin_is_on_every_node_at_once(cluster):
    writer, *readers = cluster.apps
    for app in readers:
        app.board_of("u")
    delays = []
    for index in range(20):
        writer.create_bulletin(bulletin_name=f"at once {index}")
        delays.append(max(wait_until(lambda app=app: f"at once {index}" in app.board_of("u"))
                          for app in readers))
    assert max(delays) <= LOOK_PERIOD_S, delays
    assert statistics.median(delays) <= NOTIFIED_S, delays


def test_without_a_notification_it_takes_one_look(cluster):
    """Whoever writes by other means only adds to the change log."""
    before = [board_revision(app) for app in cluster.apps]
    assert len(set(before)) == 1
    for _ in range(3):
        cluster.execute("""WITH board AS (
            UPDATE boards SET revision = revision + 1 WHERE app_id = 'demo' RETURNING revision)
            INSERT INTO changes (app_id, kind, key, at_ms)
            SELECT 'demo', 'board', CAST(revision AS TEXT), 0 FROM board""")
        wanted = board_revision_at_rest(cluster)
        assert wait_until(lambda: min(map(board_revision, cluster.apps)) == wanted) <= LOOK_PERIOD_S


def board_revision_at_rest(cluster) -> int:
    [(revision,)] = cluster.execute("SELECT revision FROM boards WHERE app_id = 'demo'")
    return revision


def test_attributes_that_lie_in_memory_elsewhere(cluster):
    def value(app):
        return expect_ok(app.backend("GET", "/bp/server/user/ann/info"))["attributes"].get("n")

    for number in range(10):
        writer, *readers = random.sample(cluster.apps, 3)
        expect_ok(writer.backend("PATCH", "/bp/server/user/ann/info",
                                 {"attributes": {"n": number}}))
        assert value(writer) == number
        for app in readers:
            assert wait_until(lambda app=app: value(app) == number) <= LOOK_PERIOD_S


def test_events_that_lie_in_memory_elsewhere(cluster):
    def detail(app):
        answer = app.call("nobody", "GET", "/events/e", headers={"X-App-ID": app.app_id})
        return expect_ok(answer)["data"]["event_detail"]

    event = {"event_time_start": "2030/1/1 9:00", "event_time_end": "2030/1/1 10:00"}
    expect_ok(cluster.apps[0].operator("POST", f"{cluster.apps[0].console}/events",
                                       event | {"id": "e"}))
    for number in range(10):
        writer, *readers = random.sample(cluster.apps, 3)
        expect_ok(writer.operator("PATCH", f"{writer.console}/events/e",
                                  {"event_detail": f"at {number}"}))
        assert detail(writer) == f"at {number}"
        for app in readers:
            assert wait_until(lambda app=app: detail(app) == f"at {number}") <= LOOK_PERIOD_S


def test_quizzes_counted_on_every_node(cluster):
    def total(app):
        answer = app.call("nobody", "GET", "/quizzes/q/statistics",
                          headers={"X-App-ID": app.app_id})
        return expect_ok(answer)["total"]

    first = cluster.apps[0]
    expect_ok(first.operator("POST", f"{first.console}/quizzes", {"key": "q", "types": ["a"]}))
    for app in cluster.apps:
        wait_until(lambda app=app: app.call("nobody", "GET", "/quizzes/q/statistics", headers={
            "X-App-ID": app.app_id}).status == 200)
    for number in range(1, 13):
        writer, *readers = random.sample(cluster.apps, 3)
        expect_ok(writer.backend("POST", "/quizzes/q/results", {"type": "a"}))
        assert total(writer) == number
        for app in readers:
            assert wait_until(lambda app=app: total(app) == number) <= LOOK_PERIOD_S


def test_settings(cluster):
    writer, *readers = cluster.apps
    path = f"{writer.console}/settings"
    expect_ok(writer.operator("PATCH", path, {"undeclared_attributes": False}))
    refused = {"attributes": {"never_declared": 1}}
    for app in readers:
        assert wait_until(lambda app=app: app.backend(
            "PATCH", "/bp/server/user/x/info", refused).status == 400) <= LOOK_PERIOD_S
    expect_ok(writer.operator("PATCH", path, {"undeclared_attributes": True}))


def test_a_retired_key_and_a_new_one(cluster):
    first, second, third = cluster.apps
    keys = f"/api/workspace/{first.workspace_id}/application/demo/keys"
    made = expect_ok(first.operator("POST", keys, {"kind": "client"}))
    rotated = through(first, second.server)
    rotated.client_key = made["secret"]
    assert wait_until(lambda: rotated.client("u", "GET", "/bp/bulletin_board").status == 200) \
        <= LOOK_PERIOD_S
    expect_ok(first.operator("DELETE", f"{keys}/{made['key_id']}"))
    for node in (second, third):
        rotated = through(rotated, node.server)
        assert wait_until(lambda app=rotated: app.client("u", "GET", "/bp/bulletin_board").status
                          != 200) <= LOOK_PERIOD_S


def test_a_revoked_session(cluster):
    """A refresh token is used twice, on two nodes: its session ends on all of them."""
    first, second, third = cluster.apps
    opened = expect_ok(first.backend("POST", "/bp/server/user/eve/session", {}))
    path, body = "/bp/session/refresh", {"refresh_token": opened["refresh_token"]}
    renewed = expect_ok(second.call("signed", "POST", path, body))
    third.sessions["eve"] = renewed["session_token"]
    expect_ok(third.client("eve", "GET", "/bp/bulletin_board"))
    assert first.call("signed", "POST", path, body).status == 400
    for app in cluster.apps:
        assert wait_until(lambda app=app: app.client("eve", "GET", "/bp/bulletin_board").status
                          == 400) <= LOOK_PERIOD_S


# --- at every moment ---------------------------------------------------------------------------


def test_a_reader_may_ask_for_the_revision_it_has_seen_elsewhere(cluster):
    for index in range(10):
        writer, *readers = random.sample(cluster.apps, 3)
        answer = writer.operator("POST", f"{writer.console}/bulletin_board",
                                 {"bulletin_name": f"seen {index}"})
        expect_ok(answer)
        for app in readers:
            board = expect_ok(app.backend(
                "GET", "/bp/server/user/u/bulletin_board",
                headers={"X-Min-Board-Revision": answer.headers["X-Board-Revision"]}))
            assert f"seen {index}" in [entry["name"] for entry in board["bulletin_board"]]


def test_a_signed_write_is_accepted_on_one_node(cluster):
    path, body = "/bp/user/info", b'{"attributes":{"replayed":true}}'
    for _ in range(10):
        headers = cluster.apps[0].signed_headers("PUT", path, cluster.apps[0].session("u"), body)
        answers = []

        def send(app, headers=headers, answers=answers):
            answers.append(app.server.request("PUT", path, headers, body))

        threads = [threading.Thread(target=send, args=(app,)) for app in cluster.apps * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        accepted = [answer for answer in answers if answer.status == 200]
        refused = [answer for answer in answers if "nonce replayed" in answer.text]
        assert (len(accepted), len(refused)) == (1, 5), answers


def test_a_stream_hears_of_what_another_node_wrote(cluster):
    writer, reader, _ = cluster.apps
    with Stream(reader, "u") as stream:
        revision = stream.next_revision()
        writer.create_bulletin(bulletin_name="to all")
        assert wait_until(lambda: stream.next_revision() > revision) <= LOOK_PERIOD_S


def test_numbers_are_given_once(cluster):
    """All nodes create bulletins at once; every board and every id is one."""
    created, failures = [], []

    def create(app):
        for _ in range(20):
            answer = app.operator("POST", f"{app.console}/bulletin_board", {"bulletin_name": "n"})
            (created if answer.status == 200 else failures).append(answer)

    threads = [threading.Thread(target=create, args=(app,)) for app in cluster.apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    assert len({answer.json()["bulletin_id"] for answer in created}) == 60
    assert len({answer.headers["X-Board-Revision"] for answer in created}) == 60


# --- starting, and roles -----------------------------------------------------------------------


def test_nodes_that_start_at_once_migrate_once(tmp_path):
    """On an empty database, with one server key: all of them come up, and there is one of
    everything."""
    key = {"CALLBOARD_SERVER_KEY": "A" * 43 + "="}
    url = databases.url_of(tmp_path)
    nodes = [Server(tmp_path / str(i), "--database", url, "--demo", env=key) for i in range(4)]
    threads = [threading.Thread(target=node.start) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        for node in nodes:
            assert node.request("GET", "/readyz").status == 200
    finally:
        for node in nodes:
            node.stop()
    for table, rows in (("workspaces", 1), ("applications", 1), ("bulletins", 5)):
        assert databases.execute(tmp_path, f"SELECT count(*) FROM {table}") == [(rows,)]


def test_a_node_with_another_server_key_is_refused(cluster, tmp_path):
    for env in ({}, {"CALLBOARD_SERVER_KEY": "A" * 43 + "="}):
        refused = run_cli("serve", "--data", tmp_path, "--listen", f"127.0.0.1:{free_port()}",
                          "--database", databases.url_of(cluster.home), env=env, check=False)
        assert refused.returncode == 2 and "server key" in refused.stderr, refused
    assert not (tmp_path / "server.key").exists()


def test_roles(cluster, tmp_path):
    with cluster.node(tmp_path / "http", "--role", "http") as http, \
            cluster.node(tmp_path / "worker", "--role", "worker") as worker:
        assert "seen 0" in through(cluster.apps[0], http).board_of("u")
        for path in ("/healthz", "/readyz", "/metrics"):
            assert worker.request("GET", path).status == 200
        nothing = b"GET /bp/bulletin_board HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        assert worker.raw(nothing).startswith(b"HTTP/1.1 404 ")
        assert not worker.printed, "a worker sets nobody up"


# --- PgBouncer ---------------------------------------------------------------------------------


def test_through_pgbouncer(postgres, tmp_path):
    """In transaction mode, with fewer sessions than connections: nothing is left behind in a
    session for whoever comes next, and notifications come by another way."""
    with PgBouncer(postgres) as bouncer:
        direct = databases.url_of(tmp_path / "node-0")
        cluster = Cluster(tmp_path, 2, "--database", bouncer.url(direct),
                          "--database-direct", direct)
        with cluster:
            traffic = Traffic(cluster, SEED)
            with traffic:
                traffic.wait_for_writes(400)
                assert traffic.refused == 0
            traffic.settle()
            writer, reader = cluster.apps
            delays = []
            for index in range(10):
                writer.create_bulletin(bulletin_name=f"at once {index}")
                delays.append(wait_until(lambda i=index: f"at once {i}" in reader.board_of("u")))
            assert statistics.median(delays) <= NOTIFIED_S, delays


def test_where_notifications_have_no_way_changes_come_by_the_other(postgres, tmp_path):
    """The direct connection is gone and can't be made again: nodes look through PgBouncer."""
    with PgBouncer(postgres) as bouncer, PgBouncer(postgres, "session") as direct:
        url = databases.url_of(tmp_path / "node-0")
        with Cluster(tmp_path, 2, "--database", bouncer.url(url),
                     "--database-direct", direct.url(url)) as cluster:
            writer, reader = cluster.apps
            path = "/bp/server/user/ann/info"
            direct.process.kill()
            direct.process.wait(30)
            for number in range(3):
                assert expect_ok(reader.backend("GET", path)) is not None  # and into memory
                expect_ok(writer.backend("PATCH", path, {"attributes": {"n": number}}))
                assert wait_until(lambda n=number: expect_ok(reader.backend("GET", path))
                                  == {"attributes": {"n": n}}) <= 2 * LOOK_PERIOD_S


# --- kill -9 -----------------------------------------------------------------------------------


def test_nodes_killed_during_writes(tmp_path):
    """Any node at any moment: what was answered is there, and the boards agree on all nodes."""
    print(f"SEED={SEED} ROUNDS={ROUNDS}")
    rng = random.Random(SEED)
    with Cluster(tmp_path) as cluster:
        traffic = Traffic(cluster, SEED)
        for _ in range(ROUNDS):
            with traffic:
                traffic.wait_for_writes(rng.randint(1, 60))
                victim = rng.choice(cluster.apps).server
                victim.kill()
                traffic.wait_for_writes(10)
                victim.start()
                traffic.wait_for_writes(10)
            traffic.settle()
