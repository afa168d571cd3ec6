"""What the log says of requests."""

import json
import re

from callboard import fresh_server

TRACE = "0af7651916cd43dd8448eb211c80319c"


def entries(app, event) -> list[dict]:
    lines = [json.loads(line) for line in app.server.log_text().splitlines()]
    return [line for line in lines if line["event"] == event]


def test_the_access_log_names_each_request_and_its_trace(tmp_path):
    with fresh_server(tmp_path / "data", "--access-log") as app:
        app.server.request("GET", "/healthz?password=1", {
            "X-Request-ID": "id-1", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
        app.server.request("GET", "/healthz", {"traceparent": "nonsense"})
        app.backend("PATCH", "/bp/server/user/alice/info", {"attributes": {}})
    first, second, third = entries(app, "request")
    assert first["request_id"] == "id-1" and first["route"] == "GET /healthz"
    assert first["status"] == 200 and first["peer"] == "127.0.0.1" and first["ms"] >= 0
    assert re.fullmatch(rf"00-{TRACE}-[0-9a-f]{{16}}-01", first["traceparent"])
    assert "b7ad6b7169203331" not in first["traceparent"]
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", second["traceparent"])
    assert third["route"] == "PATCH /bp/server/user/{user_id}/info" and third["app_id"] == "demo"
    assert "password" not in app.server.log_text() and "alice" not in app.server.log_text()


def test_without_it_only_slow_requests_are_logged(tmp_path):
    with fresh_server(tmp_path / "data") as app:
        app.backend("PATCH", "/bp/server/user/alice/info", {"attributes": {}})
    assert entries(app, "request") == [] and entries(app, "slow_request") == []
