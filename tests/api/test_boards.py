"""Boards and attributes under concurrency: every read after a 200 sees the write."""

import threading

from callboard import compact_json, expect_ok

BOARD = "/bp/server/user/u/bulletin_board"


def names_of(app, headers, connection):
    answer = app.server.request("GET", BOARD, headers, connection=connection)
    return [entry["name"] for entry in expect_ok(answer)["bulletin_board"]]


def run_all(*functions):
    """Runs them at once; the first failure is raised here."""
    failures = []

    def guarded(function):
        try:
            function()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_read_your_own_board(app):
    """Four writers at once; each sees its own bulletin right after its 200, and never loses it."""
    headers = {"X-BytePower-Auth-Token": app.backend_token()}

    def writer(number):
        connection = app.server.connect()
        for index in range(15):
            name = f"w{number}-{index}"
            created = app.create_bulletin(bulletin_name=name)
            assert name in names_of(app, headers, connection)
            renamed = created | {"bulletin_name": name + "'"}
            expect_ok(app.operator("PUT", f"{app.console}/bulletin_board", renamed))
            assert name + "'" in names_of(app, headers, connection)
        connection.close()

    run_all(*(lambda number=number: writer(number) for number in range(4)))
    assert len(app.board_of("u")) == 60


def test_the_board_never_goes_back(app):
    """Readers see revisions that only grow, while writers write."""
    headers = {"X-BytePower-Auth-Token": app.backend_token()}
    done = threading.Event()

    def reader():
        connection, last = app.server.connect(), 0
        while not done.is_set():
            response = app.server.request("GET", BOARD, headers, connection=connection)
            revision, count = (int(response.headers["X-Board-Revision"]),
                               len(expect_ok(response)["bulletin_board"]))
            assert revision >= last and count == revision, (revision, last, count)
            last = revision
        connection.close()

    def writer():
        try:
            for index in range(40):
                app.create_bulletin(bulletin_name=f"b{index}")
        finally:
            done.set()

    app.create_bulletin(bulletin_name="first")  # one bulletin a revision, from the first on
    run_all(reader, reader, writer)


def test_one_of_two_updates_wins(app):
    """Of updates that expect the same revision exactly one is accepted."""
    created = app.create_bulletin()
    statuses = []

    def update(name):
        body = created | {"bulletin_name": name}
        statuses.append(app.operator("PUT", f"{app.console}/bulletin_board", body).status)

    run_all(*(lambda number=number: update(f"u{number}") for number in range(8)))
    assert sorted(statuses) == [200] + [409] * 7


def test_read_your_own_attributes(app):
    """Each user writes and reads in turn, many at once; merges of one user are not lost."""
    condition = {"logic": "&&", "conditions": [
        {"variable": "n", "logic": ">=", "target": 5, "target_type": "number"}]}
    app.create_bulletin(bulletin_name="five", bulletin_condition=condition)

    def user(name):
        for number in range(10):
            body = {"attributes": {"n": number}}
            expect_ok(app.client(name, "PATCH", "/bp/user/info", body))
            assert app.board_of(name) == (["five"] if number >= 5 else [])

    def merger(number):
        for index in range(10):
            body = {"attributes": {f"m{number}-{index}": index}}
            expect_ok(app.backend("PATCH", "/bp/server/user/shared/info", body))

    run_all(*(lambda name=name: user(name) for name in ("a", "b", "c", "d")),
            *(lambda number=number: merger(number) for number in range(4)))
    stored = expect_ok(app.backend("GET", "/bp/server/user/shared/info"))["attributes"]
    assert len(stored) == 40


def test_a_replay_at_once_is_accepted_once(app):
    """Eight copies of one signed write, at the same moment."""
    body = compact_json({"attributes": {"n": 1}})
    headers = app.signed_headers("PUT", "/bp/user/info", app.session("u"), body)
    statuses = []
    run_all(*[lambda: statuses.append(
        app.server.request("PUT", "/bp/user/info", headers, body).status)] * 8)
    assert sorted(statuses) == [200] + [400] * 7


def test_a_thousand_strangers(app):
    """Reads of unknown users and applications cost no row and are all answered alike."""
    app.create_bulletin(bulletin_name="all")
    connection = app.server.connect()
    headers = {"X-BytePower-Auth-Token": app.backend_token()}
    for index in range(1000):
        answer = app.server.request("GET", f"/bp/server/user/s{index}/bulletin_board", headers,
                                    connection=connection)
        assert [entry["name"] for entry in expect_ok(answer)["bulletin_board"]] == ["all"]
    connection.close()
