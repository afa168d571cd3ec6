"""Runs scenarios/*.json: each file is a list of steps against an application of its own.

A step is one request and what to expect:
  {"name": "...", "as": "operator", "method": "POST", "path": "${console}/bulletin_board",
   "headers": {...}, "body": ..., "expect": {...}, "capture": {"id": "/bulletin_id"}}

as       nobody, operator, backend, signed, client:USER, token:API_TOKEN (default: the last step's)
body     JSON; {"$use": "x", "$without": ["k"], ...} is a copy of a defined value with changes;
         {"$repeat": ["x", 300]} a long string; `text` sends a string, `file` a file's bytes
expect   status (default 200), body (partial: the members named; lists whole), exact (the whole
         JSON), text (byte for byte), names (of a board, in order), pointer (of the error's first
         detail), error (error_type), headers (null: absent), without (members absent at the top)
         Strings that begin with `~` are regular expressions.
capture  variable: a JSON pointer into the answer, or `header:NAME`

Instead of a request: {"define": {...}} sets variables, {"action": "restart"} stops and starts the
server, {"action": "fresh_server"} goes on with a new data directory and its application `demo`.
${x} stands for a variable, also inside text; ${now+60} is a Unix time; ${viewer}, ${editor} and
${admin} are API tokens of that role for this application.
"""

import json
import re
import time
from pathlib import Path

import pytest

from callboard import App, compact_json, fresh_server

FOLDER = Path(__file__).parent / "scenarios"
VARIABLE = re.compile(r"\$\{([^}]+)\}")
STEP_KEYS = {"name", "as", "method", "path", "headers", "body", "text", "file", "expect", "capture",
             "define", "action"}
ROLES = ("viewer", "editor", "admin")
EXPECT_KEYS = {"status", "body", "exact", "text", "names", "pointer", "error", "headers", "without"}


def pointed(value, pointer: str):
    """The value at an RFC 6901 pointer."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value


def check(expected, actual, place=""):
    """Partial comparison: raises AssertionError that names the place."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{place}: {actual!r} is not an object"
        for key, value in expected.items():
            assert key in actual, f"{place}/{key} is missing"
            check(value, actual[key], f"{place}/{key}")
    elif isinstance(expected, list):
        assert isinstance(actual, list) and len(actual) == len(expected), f"{place}: {actual!r}"
        for index, value in enumerate(expected):
            check(value, actual[index], f"{place}/{index}")
    elif isinstance(expected, str) and expected.startswith("~"):
        assert re.search(expected[1:], str(actual)), f"{place}: {actual!r} is not {expected}"
    else:
        same = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
        assert same, f"{place}: {actual!r}, expected {expected!r}"


class Runner:
    def __init__(self, app: App, new_server):
        self.new_server = new_server
        self.who = "operator"
        self.use(app)

    def use(self, app: App):
        self.app = app
        self.variables = {"console": app.console, "app": app.app_id,
                          "workspace": app.workspace_id, "api_token": app.api_token}

    def lookup(self, name: str):
        if match := re.fullmatch(r"now(?:([+-])(\d+))?", name):
            offset = int((match[1] or "+") + (match[2] or "0"))
            return int(time.time()) + offset
        if name in ROLES and name not in self.variables:
            self.variables[name] = self.app.make_token(name)
        return self.variables[name]

    def fill(self, value):
        """Replaces variables; a string that is one variable takes its value with its type."""
        if isinstance(value, str):
            if whole := VARIABLE.fullmatch(value):
                return self.lookup(whole[1])
            return VARIABLE.sub(lambda match: str(self.lookup(match[1])), value)
        if isinstance(value, list):
            return [self.fill(element) for element in value]
        if not isinstance(value, dict):
            return value
        if "$repeat" in value:
            return value["$repeat"][0] * value["$repeat"][1]
        filled = {key: self.fill(element) for key, element in value.items()}
        if "$use" in filled:
            base = self.variables[filled.pop("$use")]
            without = filled.pop("$without", [])
            filled = {key: element for key, element in (base | filled).items()
                      if key not in without}
        return filled

    def body_of(self, step) -> bytes | None:
        if "file" in step:
            return (FOLDER.parent / step["file"]).read_bytes()
        if "text" in step:
            return self.fill(step["text"]).encode()
        return compact_json(self.fill(step["body"])) if "body" in step else None

    def run(self, step):
        assert step.keys() <= STEP_KEYS, step.keys() - STEP_KEYS
        self.variables |= self.fill(step.get("define", {}))
        if step.get("action") == "restart":
            self.app.server.restart()
        elif step.get("action") == "fresh_server":
            self.use(self.new_server())
        if "method" in step:
            self.request(step)

    def request(self, step):
        self.who = self.fill(step.get("as", self.who))
        response = self.app.call(self.who, step["method"], self.fill(step["path"]),
                                 self.body_of(step), self.fill(step.get("headers", {})))
        try:
            self.verify(self.fill(step.get("expect", {})), response)
            for name, place in step.get("capture", {}).items():
                header = place.removeprefix("header:")
                self.variables[name] = (response.headers[header] if header != place
                                        else pointed(response.json(), place))
        except (AssertionError, ValueError, KeyError, IndexError, TypeError) as error:
            headers = dict(response.headers)
            pytest.fail(f"step {step.get('name', step['path'])!r}: {error!r}\n"
                        f"{step['method']} {self.fill(step['path'])}\n{response}\n{headers}",
                        pytrace=False)

    def verify(self, expect, response):
        assert expect.keys() <= EXPECT_KEYS, expect.keys() - EXPECT_KEYS
        check(expect.get("status", 200), response.status, "status")
        if "text" in expect:
            check(expect["text"], response.text, "text")
        if "body" in expect:
            check(expect["body"], response.json())
        if "exact" in expect:
            assert response.json() == expect["exact"], f"expected {expect['exact']}"
        if "names" in expect:
            names = [entry["name"] for entry in response.json()["bulletin_board"]]
            assert names == expect["names"], f"{names}, expected {expect['names']}"
        if "pointer" in expect:
            detail = pointed(response.json(), "/error/details/0")
            check(expect["pointer"], detail["pointer"], "pointer")
        if "error" in expect:
            check(expect["error"], response.json()["error"]["error_type"], "error_type")
        for member in expect.get("without", []):
            assert member not in response.json(), f"{member} is there"
        for name, value in expect.get("headers", {}).items():
            check(value, response.headers[name], f"header {name}")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_scenario(path, app, tmp_path, request):
    servers = []

    def new_server():
        context = fresh_server(tmp_path / f"data-{len(servers)}")
        servers.append(context)
        fresh = context.__enter__()
        request.addfinalizer(lambda: context.__exit__(None, None, None))
        return fresh

    runner = Runner(app, new_server)
    for step in json.loads(path.read_text()):
        runner.run(step)
