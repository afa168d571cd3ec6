"""Rate limits, each by its own setting, and that they come from the configuration."""

from callboard import fresh_server

INFO = "/bp/user/info"


def statuses(count, call) -> list[int]:
    return [call().status for _ in range(count)]


def test_a_user_who_writes_too_often_is_told_when_to_come_back(tmp_path):
    """The others, reads and the backend are served on."""
    with fresh_server(tmp_path / "data", "--rate-writes-per-user=3") as app:
        def write(user):
            return app.client(user, "PATCH", INFO, {"attributes": {"age": 3}})

        answers = [write("alice") for _ in range(12)]
        assert [answer.status for answer in answers[:3]] == [200, 200, 200]
        refused = next(answer for answer in answers if answer.status != 200)
        assert refused.status == 429 and refused.headers["Retry-After"] == "1"
        assert refused.json() == {"error": {
            "message": "too_many(too many requests; try again later)", "error_type": "too_many"}}
        assert write("bob").status == 200
        assert statuses(12, lambda: app.client("alice", "GET", INFO)) == [200] * 12
        target = "/bp/server/user/alice/info"
        assert statuses(12, lambda: app.backend("PATCH", target, {"attributes": {}})) == [200] * 12
        assert app.server.metric("callboard_rate_limited_total") >= 1


def test_an_application_and_an_operator_have_limits_of_their_own(tmp_path):
    with fresh_server(tmp_path / "data", "--rate-writes-per-app=2",
                      "--rate-writes-per-operator=4") as app:
        target = "/bp/server/user/alice/info"
        assert 429 in statuses(9, lambda: app.backend("PATCH", target, {"attributes": {}}))
        console = f"{app.console}/settings"
        answers = [app.operator("PATCH", console, {"name": "n"}) for _ in range(15)]
        assert [answer.status for answer in answers[:4]] == [200] * 4
        refused = next(answer for answer in answers if answer.status != 200)
        assert refused.status == 429
        assert refused.json()["error"]["message"] == "too many requests; try again later"
        assert app.operator("GET", console).status == 200


def test_an_address_is_limited_before_anybody_is_known(tmp_path):
    """Behind a proxy it is the client's address that counts; health is always answered."""
    with fresh_server(tmp_path / "data", "--rate-requests-per-address=5",
                      "--trusted-proxies=127.0.0.1") as app:
        def call(address):
            return app.server.request("GET", "/bp/bulletin_board", {"X-Forwarded-For": address})

        seen = statuses(20, lambda: call("192.0.2.1"))
        assert seen[:5] == [400] * 5 and 429 in seen
        assert call("192.0.2.2").status == 400
        assert statuses(20, lambda: app.server.request(
            "GET", "/healthz", {"X-Forwarded-For": "192.0.2.1"})) == [200] * 20
