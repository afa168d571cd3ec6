"""An application's own server supplies variables of conditions."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import databases
from callboard import expect_ok, fresh_server

TIER_IS_GOLD = {"logic": "&&", "conditions": [
    {"variable": "tier", "logic": "==", "target": "gold", "target_type": "string"}]}


class OwnServer(ThreadingHTTPServer):
    """Anna is gold, nobody else is known."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.secrets = [], []

    def settings(self):
        return {"providers": [{
            "name": "loyalty", "url": f"http://127.0.0.1:{self.server_port}/variables",
            "variables": [{"name": "tier", "type": "string"}], "timeout_ms": 2000,
            "header": {"name": "X-Secret", "value": "hush"}}]}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(question)
        self.server.secrets.append(self.headers["X-Secret"])
        known = question["user_id"] == "anna"
        body = json.dumps({"variables": {"tier": "gold"}}).encode() if known else b""
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def own_server():
    with OwnServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_supplies_variables(tmp_path, own_server):
    with fresh_server(tmp_path, "--outgoing-allow", "127.0.0.0/8") as app:
        changed = expect_ok(app.operator("PATCH", f"{app.console}/settings", own_server.settings()))
        assert changed["providers"][0]["header"]["value"] == "********"
        variables = expect_ok(app.operator("GET", f"{app.console}/variables"))["variables"]
        tier = {"name": "tier", "type": "string", "description": "", "provider": "http"}
        assert tier in variables
        app.create_bulletin(bulletin_name="for all")
        assert app.board_of("anna") == ["for all"]
        assert own_server.asked == []  # no live condition uses it
        app.create_bulletin(bulletin_name="for gold", bulletin_condition=TIER_IS_GOLD)
        assert app.board_of("anna") == ["for gold", "for all"]
        assert app.board_of("bert") == ["for all"]
        assert app.board_of("anna") == ["for gold", "for all"]
        assert own_server.asked == [{"user_id": "anna", "names": ["tier"]},
                                    {"user_id": "bert", "names": ["tier"]}]
        assert own_server.secrets == ["hush", "hush"]
        why = expect_ok(app.operator("GET", f"{app.console}/users/anna/board"))["bulletins"][0]
        leaf = why["explanation"]["conditions"][0]
        assert why["shown"] and leaf["provider"] == "http" and leaf["value"] == "gold"
        # The secret is at rest only sealed, and the settings survive a restart.
        [(stored,)] = databases.execute(app.server.data, "SELECT settings FROM applications")
        assert "tier" in stored and "hush" not in stored
        app.server.restart()
        assert app.board_of("anna") == ["for gold", "for all"]
        assert own_server.secrets[-1] == "hush"


def test_reaches_no_neighbour(tmp_path, own_server):
    with fresh_server(tmp_path) as app:
        expect_ok(app.operator("PATCH", f"{app.console}/settings", own_server.settings()))
        app.create_bulletin(bulletin_name="for gold", bulletin_condition=TIER_IS_GOLD)
        assert app.board_of("anna") == []
        assert own_server.asked == []
        text = app.server.request("GET", "/metrics").text
        assert 'callboard_http_provider_calls_total{app="demo",outcome="refused"} 1' in text


def test_may_be_gone(tmp_path, own_server):
    settings = own_server.settings()
    own_server.shutdown()
    own_server.server_close()
    with fresh_server(tmp_path, "--outgoing-allow", "127.0.0.1") as app:
        expect_ok(app.operator("PATCH", f"{app.console}/settings", settings))
        app.create_bulletin(bulletin_name="for all")
        app.create_bulletin(bulletin_name="for gold", bulletin_condition=TIER_IS_GOLD)
        assert app.board_of("anna") == ["for all"]
