"""The commands around the server: init, config, migrate, backup, and starting and stopping."""

import shutil
import signal
import socket
import stat
import threading

import pytest

from callboard import Server, expect_ok, fresh_server, initialise, run_cli

BOARD = "/bp/server/user/u/bulletin_board"


# --- init --------------------------------------------------------------------------------------


def test_init_prints_one_object_of_texts(tmp_path):
    keys = initialise(tmp_path / "data")
    assert keys.keys() == {"workspace_id", "app_id", "client_key", "server_key", "server_key_id",
                           "api_token"}
    assert all(isinstance(value, str) and value for value in keys.values())
    assert (keys["workspace_id"], keys["app_id"]) == ("default", "demo")
    assert keys["api_token"].startswith("cbk_")


def test_init_again_shows_the_keys_and_makes_a_new_token(tmp_path):
    """The token of the init before is revoked, also where a server is running."""
    with fresh_server(tmp_path / "data") as app:
        expect_ok(app.operator("GET", f"{app.console}/bulletin_board"))
        again = initialise(tmp_path / "data")
        assert again["client_key"] == app.client_key and again["server_key"] == app.server_key
        assert again["api_token"] != app.api_token
        app.server.restart()
        assert app.operator("GET", f"{app.console}/bulletin_board").status == 401
        app.api_token = again["api_token"]
        expect_ok(app.operator("GET", f"{app.console}/bulletin_board"))


def test_secrets_are_for_their_owner_only(tmp_path):
    """The server key's file has mode 0600, and no secret lies in the database or in the log."""
    with fresh_server(tmp_path / "data") as app:
        session = app.session("u")
        expect_ok(app.client("u", "GET", "/bp/bulletin_board"))
        log = app.server.log_text()
        files = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*")
                 if path.is_file()}
    key_file = next(path for path in files if "key" in path.name)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    for secret in (app.client_key, app.server_key, app.api_token, session):
        assert secret not in log
        for path, content in files.items():
            assert secret.encode() not in content, path


def test_the_server_key_is_needed(tmp_path):
    """Another server key can't open the sealed keys: it must not go on as if all were well."""
    with fresh_server(tmp_path / "data"):
        pass
    key_file = next(path for path in (tmp_path / "data").iterdir() if "key" in path.name)
    key_file.unlink()
    result = run_cli("init", "--data", tmp_path / "data", "--json", check=False)
    assert result.returncode != 0 and "key" in result.stderr, result


# --- config ------------------------------------------------------------------------------------


def config(*flags, env=None, check=True):
    return run_cli("config", *flags, env=env, check=check)


def line_of(output: str, name: str) -> str:
    return next(line for line in output.splitlines() if line.split(" ")[0] == name)


def test_flag_over_environment_over_file_over_default(tmp_path):
    file = tmp_path / "callboard.toml"
    file.write_text('listen = "127.0.0.1:1111"\nlog_level = "debug"\nwork_threads = 3\n')
    env = {"CALLBOARD_LISTEN": "127.0.0.1:2222", "CALLBOARD_WORK_THREADS": "4"}
    output = config("--config", str(file), "--listen", "127.0.0.1:3333", env=env).stdout
    for name, value, source in (("listen", "127.0.0.1:3333", "--listen"),
                                ("work_threads", '"4"', "CALLBOARD_WORK_THREADS"),
                                ("log_level", "debug", str(file)), ("role", "all", "default")):
        line = line_of(output, name)
        assert value in line and source in line, line


def test_secrets_are_masked(tmp_path):
    output = config(env={"CALLBOARD_SERVER_KEY": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0ISEhISE="})
    assert "c2VjcmV0" not in output.stdout and "***" in line_of(output.stdout, "server_key")


@pytest.mark.parametrize("text, word", [
    ('colour = "red"\n', "colour"), ("listen = \n", "callboard.toml:1"),
    ("dev = 5\n", "dev"), ("[server]\nport = 1\n", "server"),
])
def test_a_bad_file_is_an_error(tmp_path, text, word):
    (tmp_path / "callboard.toml").write_text(text)
    result = config("--config", str(tmp_path / "callboard.toml"), check=False)
    assert result.returncode == 2 and word in result.stderr, result


def test_unknown_names_are_errors(tmp_path):
    result = config(env={"CALLBOARD_COLOUR": "red"}, check=False)
    assert result.returncode == 2 and "CALLBOARD_COLOUR" in result.stderr, result
    assert config("--colour=red", check=False).returncode == 2
    assert config("--config", str(tmp_path / "absent.toml"), check=False).returncode == 2
    assert run_cli("sing", check=False).returncode == 2
    assert run_cli(check=False).returncode == 2


@pytest.mark.parametrize("flags", [
    ["--listen", "nowhere"], ["--listen", "127.0.0.1:99999"], ["--role", "none"],
    ["--work-threads", "0"], ["--work-threads", "many"], ["--log-level", "loud"],
    ["--trusted-proxies", "10.0.0.0/99"], ["--database", "mysql://127.0.0.1/x"],
    pytest.param(["--role", "worker"], marks=pytest.mark.sqlite),
])
def test_serve_refuses_bad_settings(tmp_path, flags):
    initialise(tmp_path / "data")
    listen = [] if "--listen" in flags else ["--listen", "127.0.0.1:0"]
    result = run_cli("serve", "--data", tmp_path / "data", *listen, *flags, check=False)
    assert result.returncode != 0 and result.stderr.count("\n") >= 1, result
    assert "listening" not in result.stdout


def test_help_and_version():
    assert run_cli("--version").stdout.startswith("callboard ")
    for command in ([], ["serve"], ["init"], ["config"], ["migrate"], ["backup"],
                    ["condition", "eval"]):
        assert run_cli(*command, "--help").stdout


# --- serve -------------------------------------------------------------------------------------


def test_a_taken_port_is_an_error(tmp_path):
    initialise(tmp_path / "data")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        result = run_cli("serve", "--data", tmp_path / "data", "--listen", address, check=False)
    assert result.returncode == 1 and address in result.stderr, result


def test_serve_makes_what_is_absent(tmp_path):
    """No init before: an empty folder is enough to start."""
    with Server(tmp_path / "new" / "data") as server:
        assert server.request("GET", "/readyz").status == 200


def test_demo_answers_differ_from_user_to_user(tmp_path):
    with fresh_server(tmp_path / "data", "--demo") as app:
        listing = expect_ok(app.operator("GET", f"{app.console}/bulletin_board"))
        assert listing["total"] >= 2
        app.server.restart()
        again = expect_ok(app.operator("GET", f"{app.console}/bulletin_board"))
        assert again["total"] == listing["total"], "the demo was filled twice"


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT])
def test_stopping_finishes_what_is_in_flight(tmp_path, which):
    """A request that has begun is answered, and the exit status is 0."""
    with fresh_server(tmp_path / "data") as app:
        body = b'{"bulletin_name":"last"}'
        head = (f"POST {app.console}/bulletin_board HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {app.api_token}\r\nContent-Length: {len(body)}\r\n\r\n")
        with socket.create_connection(("127.0.0.1", app.server.port), 30) as sock:
            sock.sendall(head.encode() + body[:10])
            expect_ok(app.backend("GET", BOARD))  # the first bytes have arrived before this
            app.server.process.send_signal(which)
            sock.sendall(body[10:])
            answer = b"".join(iter(lambda: sock.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        assert app.server.process.wait(30) == 0
        app.server.start()
        assert app.board_of("u") == ["last"]


def test_idle_connections_do_not_delay_the_stop(tmp_path):
    with fresh_server(tmp_path / "data") as app:
        idle = [socket.create_connection(("127.0.0.1", app.server.port)) for _ in range(20)]
        expect_ok(app.backend("GET", BOARD))
        app.server.stop()
        for sock in idle:
            assert sock.recv(1) == b""
            sock.close()


# --- migrate and backup ------------------------------------------------------------------------


def test_migrate(tmp_path):
    """Dry run changes nothing; a second run has nothing to do."""
    data = tmp_path / "data"
    planned = run_cli("migrate", "--data", data, "--dry-run").stdout
    assert "0001" in planned, planned
    done = run_cli("migrate", "--data", data).stdout
    assert "0001" in done, done
    assert "0001" not in run_cli("migrate", "--data", data).stdout
    assert "0001" not in run_cli("migrate", "--data", data, "--dry-run").stdout


@pytest.mark.sqlite
def test_backup_while_serving_and_restore(tmp_path):
    """The copy with the server key beside it gives the same answers in an empty folder."""
    data, copy = tmp_path / "data", tmp_path / "copy.db"
    with fresh_server(data) as app:
        for index in range(30):
            app.create_bulletin(bulletin_name=f"b{index}")
        expect_ok(app.backend("PUT", "/bp/server/user/u/info", {"attributes": {"age": 5}}))
        stop = threading.Event()
        extra = []

        def keep_writing():
            while not stop.is_set():
                extra.append(app.create_bulletin(bulletin_name=f"x{len(extra)}"))

        writer = threading.Thread(target=keep_writing)
        writer.start()
        printed = run_cli("backup", "--data", data, copy)
        stop.set()
        writer.join()
        assert "key" in printed.stdout + printed.stderr, "it must say that the key is not in it"
        assert run_cli("backup", "--data", data, copy, check=False).returncode != 0
        session, board = app.session("u"), app.board_of("u")

    restored = tmp_path / "restored"
    restored.mkdir()
    for file in data.iterdir():
        if "key" in file.name:
            shutil.copy2(file, restored / file.name)
    shutil.copy2(copy, restored / "callboard.db")
    app.server = Server(restored)
    with app.server:
        names = app.board_of("u")
        assert set(f"b{index}" for index in range(30)) <= set(names) <= set(board)
        assert names == board[len(board) - len(names):], "not one moment of the original"
        assert expect_ok(app.backend("GET", "/bp/server/user/u/info")) == {"attributes": {"age": 5}}
        app.sessions["u"] = session
        expect_ok(app.client("u", "GET", "/bp/bulletin_board"))
        expect_ok(app.operator("GET", f"{app.console}/bulletin_board"))


@pytest.mark.sqlite
def test_backup_to_nowhere(tmp_path):
    initialise(tmp_path / "data")
    result = run_cli("backup", "--data", tmp_path / "data", tmp_path / "no" / "copy", check=False)
    assert result.returncode != 0 and result.stderr
    result = run_cli("backup", "--data", tmp_path / "absent", tmp_path / "copy", check=False)
    assert result.returncode != 0 and result.stderr
    assert not (tmp_path / "copy").exists() and not (tmp_path / "absent").exists()
