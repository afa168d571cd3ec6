"""docs/operations.md, held to its word: its tables are complete, and its commands work."""

import re
import subprocess
import threading

import pytest

import databases
from callboard import BINARY, ROOT, Server, expect_ok, fresh_server, free_port, run_cli

GUIDE = (ROOT / "docs/operations.md").read_text()
SAMPLE = re.compile(r"^(callboard_\w+?)(?:_bucket|_sum|_count)?(?:\{[^}]*\})? ", re.MULTILINE)


def section(title: str) -> str:
    return GUIDE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def commands(title: str) -> str:
    """The first block of shell commands of a section."""
    return re.search(r"```sh\n(.*?)```", section(title), re.DOTALL).group(1)


def first_cells(title: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", section(title), re.MULTILINE)


def row_of(title: str, name: str) -> str:
    return next(line for line in section(title).splitlines() if line.startswith(f"| `{name}` |"))


# --- the tables --------------------------------------------------------------------------------


def test_every_metric_is_in_the_guide_and_the_other_way_round(tmp_path):
    with fresh_server(tmp_path / "data") as app:
        # A provider is counted once it has been asked.
        provider = {"name": "p", "url": "http://127.0.0.1:1/", "variables": [{"name": "tier"}]}
        expect_ok(app.operator("PATCH", f"{app.console}/settings", {"providers": [provider]}))
        app.create_bulletin(bulletin_condition={"logic": "&&", "conditions": [
            {"variable": "tier", "logic": "==", "target": "gold", "target_type": "string"}]})
        app.client("u", "GET", "/bp/bulletin_board")
        served = set(SAMPLE.findall(app.server.request("GET", "/metrics").text))
    documented = {name for name in first_cells("Metrics") if name.startswith("callboard_")}
    other = "SQLite" if databases.SERVER else "PostgreSQL"
    of_the_other = {name for name in documented if f"| {other}: " in row_of("Metrics", name)}
    assert served == documented - of_the_other, served ^ documented


def test_every_setting_is_in_the_guide_with_its_default():
    shown = re.findall(r'^(\w+) += "(.*?)" +# default$', run_cli("config").stdout, re.MULTILINE)
    rows = re.findall(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\|", section("Settings"), re.MULTILINE)
    assert dict(rows) == dict(shown)


# --- backup and restore ------------------------------------------------------------------------

# The places of the guide, moved into one folder; whoever runs the test owns the files.
PRELUDE = """set -euo pipefail
callboard() { "$BINARY" "$@"; }
runuser() { shift 3; "$@"; }
curl() { command curl --silent --show-error --fail --retry 20 --retry-connrefused \
  --retry-delay 1 "$@"; }
systemctl() {
  case $1 in
    stop) kill -TERM "$SERVER" && flock "$ROOT/var/lib/callboard/callboard.lock" true ;;
    start) setsid "$BINARY" serve --data "$ROOT/var/lib/callboard" --listen "127.0.0.1:$PORT" \
      >"$ROOT/out" 2>"$ROOT/err" & echo $! >"$ROOT/pid" ;;
  esac
}
"""


def run_guide(title: str, root, port: int, server_pid="") -> str:
    script = commands(title)
    for path in ("/var/lib/callboard", "/backup/", "/safe/"):
        script = script.replace(path, f"{root}{path}")
    script = script.replace(" -o callboard -g callboard", "").replace("127.0.0.1:8000",
                                                                     f"127.0.0.1:{port}")
    result = subprocess.run(
        ["bash"], input=PRELUDE + script, capture_output=True, text=True, timeout=120,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "BINARY": str(BINARY), "ROOT": str(root),
             "PORT": str(port), "SERVER": str(server_pid)})
    assert result.returncode == 0, result
    return result.stdout


@pytest.mark.sqlite
def test_backup_and_restore_by_the_guide_alone(tmp_path):
    """A backup made while others write; the machine is lost; the guide's commands bring back the
    boards as they were, under the same keys."""
    data = tmp_path / "var/lib/callboard"
    for folder in ("backup", "safe"):
        (tmp_path / folder).mkdir()
    with fresh_server(data) as app:
        for index in range(20):
            app.create_bulletin(bulletin_name=f"b{index}")
        expect_ok(app.backend("PUT", "/bp/server/user/u/info", {"attributes": {"age": 5}}))
        (tmp_path / "safe/server.key").write_bytes((data / "server.key").read_bytes())
        before = app.board_of("u")
        stop = threading.Event()

        def keep_writing():
            while not stop.is_set():
                app.backend("PATCH", "/bp/server/user/w/info", {"attributes": {"n": 1}})

        writer = threading.Thread(target=keep_writing)
        writer.start()
        assert "wrote" in run_guide("Backup", tmp_path, app.server.port)
        stop.set()
        writer.join()
        app.create_bulletin(bulletin_name="after the backup")
        session = app.session("u")

        port = free_port()
        output = run_guide("Restore", tmp_path, port, app.server.process.pid)
        assert "nothing is wrong" in output and '"ready":true' in output
        assert app.server.process.wait(30) == 0
    restored = Server(data)
    restored.port = port
    app.server, app.sessions["u"] = restored, session
    try:
        assert app.board_of("u") == before
        assert expect_ok(app.backend("GET", "/bp/server/user/u/info")) == {"attributes": {"age": 5}}
        expect_ok(app.client("u", "GET", "/bp/bulletin_board"))
        expect_ok(app.operator("GET", f"{app.console}/bulletin_board"))
    finally:
        subprocess.run(["kill", "-TERM", (tmp_path / "pid").read_text().strip()], check=True)
