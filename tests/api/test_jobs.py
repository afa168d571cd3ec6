"""What operators see of jobs and do with them, by HTTP and on the command line.

The jobs are put straight into the database, in queues of kinds that no worker knows.
"""

import itertools
import json
import time

import pytest

import databases
from callboard import expect_ok, fresh_server, run_cli
from members import command

DAY_MS = 86_400_000
KIND, QUEUE = "tests.work", "tests"
COLUMNS = {"payload": '{"user":"u"}', "priority": 0, "attempt": 0, "max_attempts": 25,
           "errors": "[]"}
_ids = itertools.count(1_000_000)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """A server with its application `demo`; its API token was made on the command line."""
    with fresh_server(tmp_path_factory.mktemp("jobs") / "data") as app:
        yield app


@pytest.fixture
def shop(host):
    """An application of its own."""
    return host.create_sibling(f"shop-{next(_ids)}")


def put(app, state="available", table="jobs", **values) -> int:
    """A job of the application's; `finished_at_ms` makes it one of the history."""
    now = int(time.time() * 1000)
    job = COLUMNS | {"job_id": next(_ids), "app_id": app.app_id, "queue": QUEUE, "kind": KIND,
                     "state": state, "run_at_ms": now, "created_at_ms": now} | values
    places = ", ".join(f":{name}" for name in job)
    databases.execute(app.server.data,
                      f"INSERT INTO {table} ({', '.join(job)}) VALUES ({places})", **job)
    return job["job_id"]


def put_finished(app, state, **values) -> int:
    return put(app, state, "job_history", finished_at_ms=int(time.time() * 1000), **values)


def jobs_of(app) -> str:
    return app.console + "/jobs"


def ids(answer) -> list[int]:
    return [job["job_id"] for job in expect_ok(answer)["jobs"]]


def queue_of(app, name=QUEUE) -> dict:
    """As the application sees it; those of the server's own kinds are there too."""
    queues = expect_ok(app.operator("GET", jobs_of(app) + "/queues"))["queues"]
    return {queue["queue"]: queue for queue in queues}[name]


def state_of(app, job_id) -> str:
    return expect_ok(app.operator("GET", f"{jobs_of(app)}/{job_id}"))["state"]


def audited(app) -> list[tuple]:
    entries = expect_ok(app.operator(
        "GET", f"/api/workspace/default/audit?app={app.app_id}"))["entries"]
    return [(entry["action"], entry["subject"], entry["actor"].split(":")[0], entry["after"])
            for entry in entries if entry["action"].split(".")[0] in ("job", "queue")]


def test_lists_and_pages(shop):
    late = int(time.time() * 1000) + DAY_MS
    first, later = put(shop), put(shop, "scheduled", run_at_ms=late)
    over = put_finished(shop, "completed")
    other = put(shop, kind="tests.other", queue="others")
    listed = lambda query="": ids(shop.operator("GET", jobs_of(shop) + query))  # noqa: E731
    assert listed() == [other, over, later, first]
    assert listed("?state=scheduled") == [later]
    assert listed("?state=completed") == [over]
    assert listed("?queue=others") == listed("?kind=tests.other") == [other]
    page = expect_ok(shop.operator("GET", jobs_of(shop) + "?limit=3"))
    assert page["before"] == later
    assert listed(f"?limit=3&before={page['before']}") == [first]
    for query in ("state=asleep", "queue=No%20such", "limit=101", "before=0", "colour=red",
                  "app=demo"):
        assert shop.operator("GET", f"{jobs_of(shop)}?{query}").status == 400, query


def test_shows_one(shop):
    job_id = put(shop, "retryable", attempt=1, progress='{"done":1,"total":2}',
                 errors='[{"at":"2026-11-22T06:16:33.710Z","attempt":1,"message":"no luck"}]')
    job = expect_ok(shop.operator("GET", f"{jobs_of(shop)}/{job_id}"))
    assert (job["state"], job["payload"], job["app_id"]) == ("retryable", {"user": "u"},
                                                             shop.app_id)
    assert job["errors"][0]["message"] == "no luck" and job["progress"]["total"] == 2
    for made_up in ("999999999999", "x", "0", "-1", "99999999999999999999"):
        assert shop.operator("GET", f"{jobs_of(shop)}/{made_up}").status == 404


def test_acts_on_one(shop):
    waiting = put(shop)
    changed = {"changed": 1, "more": False}
    act = lambda job_id, action: shop.operator(  # noqa: E731
        "POST", f"{jobs_of(shop)}/{job_id}/{action}")
    assert expect_ok(act(waiting, "cancel")) == changed
    assert state_of(shop, waiting) == "cancelled"
    refused = act(waiting, "cancel")
    assert refused.status == 409
    assert refused.json()["error"]["message"] == "cancel is not for jobs that are cancelled"
    assert expect_ok(act(waiting, "retry")) == changed
    later = put(shop, "scheduled", run_at_ms=int(time.time() * 1000) + DAY_MS)
    assert expect_ok(act(later, "run")) == changed
    assert state_of(shop, later) == "available"
    assert expect_ok(shop.operator("DELETE", f"{jobs_of(shop)}/{later}")) == changed
    assert shop.operator("GET", f"{jobs_of(shop)}/{later}").status == 404
    running = put(shop, "running", worker_id=1)
    assert expect_ok(act(running, "cancel")) == changed
    shown = expect_ok(shop.operator("GET", f"{jobs_of(shop)}/{running}"))
    assert (shown["state"], shown["cancel_requested"]) == ("running", True)
    assert shop.operator("DELETE", f"{jobs_of(shop)}/{running}").status == 409
    assert audited(shop) == [
        ("job.cancel", f"job/{running}", "token", {"jobs": [running]}),
        ("job.delete", f"job/{later}", "token", {"jobs": [later]}),
        ("job.run", f"job/{later}", "token", {"jobs": [later]}),
        ("job.retry", f"job/{waiting}", "token", {"jobs": [waiting]}),
        ("job.cancel", f"job/{waiting}", "token", {"jobs": [waiting]})]


def test_acts_on_many(shop):
    mine = [put(shop) for _ in range(3)]
    other = put(shop, queue="others")
    act = lambda action, body: shop.operator(  # noqa: E731
        "POST", f"{jobs_of(shop)}/{action}", body)
    assert expect_ok(act("cancel", {"ids": [mine[0], 999]})) == {"changed": 1, "more": False}
    assert expect_ok(act("cancel", {"filter": {"queue": QUEUE}}))["changed"] == 2
    assert state_of(shop, other) == "available"
    assert expect_ok(act("retry", {"filter": {"state": "cancelled"}}))["changed"] == 3
    assert expect_ok(act("delete", {"filter": {}}))["changed"] == 4
    assert expect_ok(act("run", {"filter": {}}))["changed"] == 0
    assert ids(shop.operator("GET", jobs_of(shop))) == []
    assert audited(shop)[0] == ("job.delete", "jobs", "token", {"jobs": sorted([*mine, other])})


@pytest.mark.parametrize("body, pointer", [
    ({}, ""), ({"ids": [1], "filter": {}}, ""), ({"ids": 1}, "/ids"), ({"ids": ["1"]}, "/ids/0"),
    ({"ids": [0]}, "/ids/0"), ({"ids": [1] * 1001}, "/ids"), ({"filter": 1}, "/filter"),
    ({"filter": {"state": "asleep"}}, "/filter/state"), ({"filter": {"app": "x"}}, "/filter/app"),
    ({"filter": {"queue": "No such"}}, "/filter/queue"), ({"all": True}, "/all")])
def test_refuses_what_is_no_choice(shop, body, pointer):
    answer = shop.operator("POST", jobs_of(shop) + "/cancel", body)
    assert answer.status == 400, answer
    assert pointer in [detail["pointer"] for detail in answer.json()["error"]["details"]]


def test_refuses_a_state_it_is_not_for(shop):
    for action, state in (("cancel", "completed"), ("run", "available"), ("retry", "completed"),
                          ("delete", "running")):
        answer = shop.operator("POST", f"{jobs_of(shop)}/{action}", {"filter": {"state": state}})
        assert answer.status == 400, answer


def test_others_jobs_are_not_there(host, shop):
    """By any path, of one or of many, and the server's own neither."""
    theirs = [put(host), put_finished(host, "discarded"), put(host, app_id="")]
    jobs = jobs_of(shop)
    for job_id in theirs:
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/run"),
                             ("POST", "/retry")):
            answer = shop.operator(method, f"{jobs}/{job_id}{path}")
            assert (answer.status, answer.json()["error"]["message"]) == (
                404, "there is no such job"), (method, path)
    assert ids(shop.operator("GET", jobs)) == []
    for action in ("cancel", "run", "retry", "delete"):
        for body in ({"ids": theirs}, {"filter": {}}, {"filter": {"queue": QUEUE}}):
            changed = expect_ok(shop.operator("POST", f"{jobs}/{action}", body))
            assert changed == {"changed": 0, "more": False}
    queues = expect_ok(shop.operator("GET", jobs + "/queues"))["queues"]
    assert QUEUE not in [queue["queue"] for queue in queues]
    assert [state_of(host, job_id) for job_id in theirs[:2]] == ["available", "discarded"]


def test_a_workspace_sees_its_applications_alone(host, shop):
    command(host, "app", "create", f"theirs-{shop.app_id}", "--name", "Theirs", "--workspace",
            second_workspace(host))
    mine, foreign = put(shop), put(shop, app_id=f"theirs-{shop.app_id}")
    own = put(shop, app_id="")
    all_jobs = "/api/workspace/default/jobs"
    listed = ids(host.operator("GET", all_jobs))
    assert mine in listed and foreign not in listed and own not in listed
    assert ids(host.operator("GET", f"{all_jobs}?app={shop.app_id}")) == [mine]
    assert ids(host.operator("GET", f"{all_jobs}?app=theirs-{shop.app_id}")) == []
    for job_id in (foreign, own):
        assert host.operator("POST", f"{all_jobs}/{job_id}/cancel").status == 404
    chosen = {"ids": [mine, foreign, own]}
    assert expect_ok(host.operator("POST", all_jobs + "/cancel", chosen))["changed"] == 1
    assert audited(shop) == [("job.cancel", f"job/{mine}", "token", {"jobs": [mine]})]
    for job_id in (foreign, own):
        assert expect_ok(host.operator("GET", f"/api/jobs/{job_id}"))["state"] == "available"
    changed = expect_ok(host.operator("POST", "/api/jobs/delete", chosen))
    assert changed["changed"] == 3


def second_workspace(host) -> str:
    databases.execute(
        host.server.data, "INSERT INTO workspaces (workspace_id, name, created_at_ms)"
        " VALUES ('second', 'Second', 0) ON CONFLICT (workspace_id) DO NOTHING")
    return "second"


def test_roles(shop):
    viewer, editor, admin = (f"token:{shop.make_token(role)}"
                             for role in ("viewer", "editor", "admin"))
    job_id, jobs = put(shop), jobs_of(shop)
    for path in ("", f"/{job_id}", "/queues", "/workers", "/crons", "/history"):
        assert shop.call(viewer, "GET", jobs + path).status == 200, path
    assert shop.call(editor, "POST", f"{jobs}/{job_id}/cancel").status == 403
    assert shop.call(admin, "POST", f"{jobs}/{job_id}/cancel").status == 200


def test_queues_and_pauses(host, shop):
    put(shop, run_at_ms=int(time.time() * 1000) - 5000)
    put(shop, "scheduled", run_at_ms=int(time.time() * 1000) + DAY_MS)
    jobs = jobs_of(shop)
    queue = queue_of(shop)
    kind = queue["kinds"][0]
    assert (queue["paused"], kind["kind"]) == (False, KIND)
    assert (kind["available"], kind["scheduled"], kind["running"]) == (1, 1, 0)
    assert kind["latency_ms"] >= 5000
    assert queue_of(shop, "reminders")["kinds"][0]["available"] == 0
    paused = lambda: queue_of(shop)["paused"]  # noqa: E731
    for action, wanted in (("pause", True), ("pause", True), ("resume", False)):
        answer = expect_ok(shop.operator("POST", f"{jobs}/queues/{QUEUE}/{action}"))
        assert answer == {"queue": QUEUE, "paused": wanted}
        assert paused() == wanted
    expect_ok(host.operator("POST", f"/api/jobs/queues/{QUEUE}/pause"))
    assert expect_ok(shop.operator("POST", f"{jobs}/queues/{QUEUE}/resume"))
    assert paused()  # what is paused for everybody is not an application's to resume
    expect_ok(host.operator("POST", f"/api/jobs/queues/{QUEUE}/resume"))
    expect_ok(host.operator("POST", f"/api/workspace/default/jobs/queues/{QUEUE}/pause"))
    assert paused()
    expect_ok(host.operator("POST", f"/api/workspace/default/jobs/queues/{QUEUE}/resume"))
    assert shop.operator("POST", f"{jobs}/queues/No%20such/pause").status == 400
    assert [entry[0] for entry in audited(shop)] == ["queue.resume", "queue.pause"] * 2


def test_workers_by_name_for_whoever_runs_the_server(host, shop):
    put(shop, "running", worker_id=77)
    answer = expect_ok(shop.operator("GET", jobs_of(shop) + "/workers"))
    assert answer == {"workers": [{"worker_id": "77", "running": 1}]}
    databases.execute(host.server.data, "INSERT INTO job_workers VALUES (78, 'somewhere', 1, 2,"
                      " 9000000000000)")
    workers = expect_ok(host.operator("GET", "/api/jobs/workers"))["workers"]
    assert ("somewhere", 0) in [(worker["name"], worker["running"]) for worker in workers]


def test_what_recurs(shop):
    crons = expect_ok(shop.operator("GET", jobs_of(shop) + "/crons"))["crons"]
    [prune] = [cron for cron in crons if cron["name"] == "prune"]
    assert prune["kind"] == "maintenance.prune" and prune["schedule"].endswith("* * * *")


def test_history_by_day(shop):
    today = int(time.time()) // 86_400
    for day, kind, state, count in ((today, KIND, "completed", 3), (today, KIND, "retryable", 2),
                                    (today, "tests.other", "discarded", 1),
                                    (today - 1, KIND, "cancelled", 4),
                                    (today - 90, KIND, "completed", 9)):
        databases.execute(
            shop.server.data, "INSERT INTO job_days (day, app_id, kind, state, jobs)"
            " VALUES (:day, :app_id, :kind, :state, :jobs)", day=day, app_id=shop.app_id,
            kind=kind, state=state, jobs=count)
    history = lambda query="": expect_ok(  # noqa: E731
        shop.operator("GET", f"{jobs_of(shop)}/history{query}"))["days"]
    old, new = history()
    assert (old["cancelled"], old["completed"]) == (4, 0)
    assert (new["completed"], new["failed"], new["discarded"]) == (3, 2, 1)
    assert len(history("?days=1")) == 1
    assert [day["kind"] for day in history("?days=1&by=kind")] == ["tests.other", KIND]
    for query in ("days=91", "days=x", "by=app", "since=1"):
        assert shop.operator("GET", f"{jobs_of(shop)}/history?{query}").status == 400
    put_finished(shop, "completed")
    kinds = queue_of(shop)["kinds"]
    assert (kinds[0]["processed_today"], kinds[0]["failed_today"]) == (5, 2)


def test_metrics(host):
    assert host.server.metric("callboard_jobs") >= 0


def test_on_the_command_line(shop):
    first, second = put(shop), put(shop, "scheduled", run_at_ms=int(time.time() * 1000) + DAY_MS)
    of_shop = ("--app", shop.app_id)
    listed = command(shop, "jobs", "ls", *of_shop)
    assert [job["job_id"] for job in listed] == [second, first]
    assert command(shop, "jobs", "ls", *of_shop, "--state", "available", "--limit", "1")[0][
        "job_id"] == first
    assert command(shop, "jobs", "show", str(first))["payload"] == {"user": "u"}
    assert command(shop, "jobs", "run", str(second)) == {"changed": 1}
    assert command(shop, "jobs", "cancel", "--all", "--queue", QUEUE, *of_shop) == {"changed": 2}
    assert command(shop, "jobs", "retry", str(first), str(second)) == {"changed": 2}
    assert command(shop, "jobs", "pause", QUEUE, *of_shop) == {"queue": QUEUE, "paused": True}
    assert command(shop, "jobs", "resume", QUEUE, *of_shop) == {"queue": QUEUE, "paused": False}
    assert command(shop, "jobs", "pause", "tests.all") == {"queue": "tests.all", "paused": True}
    command(shop, "jobs", "resume", "tests.all")
    assert [entry[:3] for entry in audited(shop)] == [
        ("queue.resume", f"queue/{QUEUE}", "command"), ("queue.pause", f"queue/{QUEUE}", "command"),
        ("job.retry", "jobs", "command"), ("job.cancel", "jobs", "command"),
        ("job.run", f"job/{second}", "command")]
    line = run_cli("jobs", "ls", "--data", shop.server.data, *of_shop).stdout.splitlines()[0]
    assert line.startswith(f"job_id={second}  app_id={shop.app_id}  queue={QUEUE}")


@pytest.mark.parametrize("words, code, said", [
    (("show", "999999999"), 1, "there is no such job"),
    (("ls", "--app", "none"), 1, 'there is no application "none"'),
    (("cancel",), 2, "say either which jobs"),
    (("cancel", "1", "--all"), 2, "say either which jobs"),
    (("retry", "--all", "--state", "running"), 2, "retry is not for jobs that are running"),
    (("pause", "No such"), 2, "the queue's name must be"),
])
def test_the_command_line_refuses(host, words, code, said):
    result = run_cli("jobs", *words, "--data", host.server.data, check=False)
    assert (result.returncode, result.stdout) == (code, "") and said in result.stderr


def test_the_command_line_says_where_nothing_was_done(host):
    result = run_cli("jobs", "cancel", "999999999", "--json", "--data", host.server.data,
                     check=False)
    assert (result.returncode, json.loads(result.stdout)) == (1, {"changed": 0})
