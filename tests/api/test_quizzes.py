"""Quizzes beyond single calls: many callers at once, live statistics, what follows on boards."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from callboard import App, expect_ok
from streams import Stream

CONNECTIONS = 64
EACH = 20


def create(app, key, types, **more):
    body = {"key": key, "types": [{"type": each} for each in types]} | more
    return expect_ok(app.operator("POST", f"{app.console}/quizzes", body))


def raise_limits(app):
    limits = {"writes_per_user": 100_000, "writes_per_app": 100_000}
    expect_ok(app.operator("PATCH", f"{app.console}/settings", {"rate_limits": limits}))


def statistics(app, key) -> dict:
    answer = app.call("nobody", "GET", f"/quizzes/{key}/statistics",
                      headers={"X-App-ID": app.app_id})
    return expect_ok(answer)


def counts(app, key) -> dict:
    return {each["type"]: each["count"] for each in statistics(app, key)["types"]}


def add(app, key, kind, headers=None, connection=None, who="backend", **more):
    return app.call(who, "POST", f"/quizzes/{key}/results", {"type": kind} | more,
                    headers=headers, connection=connection)


def at_once(work, number=CONNECTIONS):
    """work(0), work(1), ... on a thread each; throws what any of them does."""
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(work, range(number)))


def test_many_connections_lose_nothing(app: App):
    raise_limits(app)
    create(app, "q", ["a", "b", "c", "d"])

    def add_some(number):
        with closing(app.server.connect()) as connection:
            for step in range(EACH):
                expect_ok(add(app, "q", "abcd"[(number + step) % 4], connection=connection))

    at_once(add_some)
    assert counts(app, "q") == dict.fromkeys("abcd", CONNECTIONS * EACH // 4)
    seen = statistics(app, "q")
    assert seen["total"] == CONNECTIONS * EACH
    assert [each["percent"] for each in seen["types"]] == [25.0] * 4
    batches = app.server.metric("callboard_quiz_batches_total")
    assert batches < CONNECTIONS * EACH, "connections share commits"


def test_an_answer_is_in_the_next_statistics(app: App):
    raise_limits(app)
    create(app, "q", ["a"])
    for number in range(1, 50):
        expect_ok(add(app, "q", "a"))
        assert statistics(app, "q")["total"] == number


def test_the_same_request_counts_once_however_often_it_comes(app: App):
    raise_limits(app)
    create(app, "q", ["a"])
    answers = at_once(lambda number: expect_ok(add(
        app, "q", "a", headers={"Idempotency-Key": f"key {number % 8}"}, count=3)))
    assert all(answer == answers[0] for answer in answers)
    assert counts(app, "q") == {"a": 8 * 3}


def test_a_user_has_one_result_however_often_they_answer(app: App):
    raise_limits(app)
    create(app, "q", ["a", "b", "c"], one_result_per_user=True)
    at_once(lambda number: expect_ok(add(
        app, "q", "abc"[number % 3], user_id=f"user{number % 4}")))
    assert statistics(app, "q")["total"] == 4
    assert sum(counts(app, "q").values()) == 4
    for number in range(4):
        expect_ok(add(app, "q", "b", user_id=f"user{number}"))
    assert counts(app, "q") == {"a": 0, "b": 4, "c": 0}


def test_live_statistics(app: App):
    create(app, "q", ["a", "b"])
    path = "/quizzes/q/statistics/stream"
    with Stream(app, None, {"X-App-ID": app.app_id}, path) as stream:
        assert stream.answer.status == 200
        event = stream.next()
        assert event.name == "statistics" and json.loads(event.data)["total"] == 0
        for _ in range(20):
            expect_ok(add(app, "q", "a"))
        totals = []
        while not totals or totals[-1] != 20:
            totals.append(json.loads(stream.next().data)["total"])
        assert totals == sorted(totals) and len(totals) < 20
        expect_ok(app.operator("DELETE", f"{app.console}/quizzes/q", {"confirm": "q"}))
        while stream.next() is not None:
            pass
    answer = app.call("nobody", "GET", path, headers={"X-App-ID": app.app_id})
    assert answer.status == 404, answer


def test_results_decide_what_a_user_sees(app: App):
    create(app, "q", ["owl/night", "fox"], one_result_per_user=True)
    condition = {"variable": "quiz_results", "logic": "in", "target": ["q/owl/night"],
                 "target_type": "string"}
    app.create_bulletin(bulletin_name="for owls",
                        bulletin_condition={"logic": "&&", "conditions": [condition]})
    assert app.board_of("ann") == []
    with Stream(app, "ann") as stream:
        assert stream.next().name == "board"
        expect_ok(add(app, "q", "owl/night", who="client:ann"))
        assert stream.next().name == "board", "her client is told"
    assert app.board_of("ann") == ["for owls"]
    assert app.board_of("bob") == []
    expect_ok(add(app, "q", "fox", who="client:ann"))
    assert app.board_of("ann") == []
    expect_ok(add(app, "q", "owl/night", who="client:ann"))
    assert app.board_of("ann") == ["for owls"]
    expect_ok(app.operator("POST", f"{app.console}/quizzes/q/reset", {"confirm": "q"}))
    assert app.board_of("ann") == []


def test_check_looks_at_quizzes(app: App):
    from callboard import run_cli
    create(app, "q", ["a"])
    expect_ok(add(app, "q", "a", user_id="ann"))
    assert "nothing is wrong" in run_cli("check", "--data", app.server.data).stdout
