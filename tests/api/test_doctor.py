"""callboard doctor, callboard check, and the lock on the data folder."""

import os
import shutil
import socket

import pytest

import databases
from callboard import fresh_server, free_port, initialise, run_cli


def doctor(data, *flags, port=None):
    return run_cli("doctor", "--data", data, "--listen", f"127.0.0.1:{port or free_port()}",
                   *flags, check=False)


def check(data):
    return run_cli("check", "--data", data, check=False)


def alter(data, *statements):
    for statement in statements:
        assert databases.execute(data, statement + " RETURNING 1"), statement


# --- doctor ------------------------------------------------------------------------------------


def test_doctor_is_content_with_a_new_and_with_a_used_folder_and_makes_nothing(tmp_path):
    data = tmp_path / "data"
    result = doctor(data)
    assert result.returncode == 0 and "PROBLEM" not in result.stdout, result.stdout
    assert not data.exists()
    initialise(data)
    result = doctor(data)
    assert result.returncode == 0 and "belongs to the server key" in result.stdout, result.stdout


def test_doctor_names_each_problem_and_what_to_do(tmp_path):
    data = tmp_path / "data"
    initialise(data)
    (data / "server.key").unlink()
    assert_problem(doctor(data), "put back the file server.key")
    assert "belongs to the server key" not in doctor(data).stdout
    (data / "server.key").write_text("A" * 43 + "=\n")
    (data / "server.key").chmod(0o600)
    assert_problem(doctor(data), "not the one")
    (data / "server.key").chmod(0o644)
    assert_problem(doctor(data), "server.key")
    (tmp_path / "file").write_text("")
    assert_problem(doctor(tmp_path / "file"), "is no folder")
    assert_problem(doctor(tmp_path / "other", "--dev", "--clock-offset=5"), "clock_offset")


@pytest.mark.sqlite
def test_doctor_looks_at_the_room_on_the_disk(tmp_path):
    assert_problem(doctor(tmp_path / "data", f"--min-free-bytes={1 << 60}"), "too little")


def assert_problem(result, words):
    problems = [line for line in result.stdout.splitlines() if line.startswith("PROBLEM")]
    assert result.returncode == 1 and any(words in line for line in problems), result


@pytest.mark.sqlite
def test_doctor_sees_who_has_the_port_and_the_folder(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert_problem(doctor(tmp_path / "data", port=port), f"can't listen on 127.0.0.1:{port}")
    with fresh_server(tmp_path / "data") as app:
        result = doctor(tmp_path / "data")
        assert result.returncode == 0
        assert f"A server (process {app.server.process.pid}) is running" in result.stdout


def test_doctor_refuses_bad_settings_like_serve(tmp_path):
    result = doctor(tmp_path / "data", "--work-threads=0")
    assert result.returncode == 2 and "work_threads (flag --work-threads)" in result.stderr


# --- check -------------------------------------------------------------------------------------


def test_check_finds_nothing_wrong_beside_a_working_server(tmp_path):
    with fresh_server(tmp_path / "data", "--demo"):
        result = check(tmp_path / "data")
        assert (result.returncode, result.stdout) == (0, "nothing is wrong\n")


def test_check_names_what_is_damaged(tmp_path):
    data = tmp_path / "data"
    with fresh_server(data, "--demo"):
        pass
    alter(data, """UPDATE bulletins SET condition = '{"logic":"&&"}' WHERE bulletin_id = 1""",
          "UPDATE users SET attributes = '[1]' WHERE user_id = 'alice'",
          "UPDATE applications SET settings = '{'",
          "UPDATE app_keys SET secret_sealed = 'AAAA' WHERE kind = 'client'",
          "UPDATE boards SET last_bulletin_id = 2, revision = 0")
    result = check(data)
    assert result.returncode == 1
    for words in ("condition of bulletin 1 of demo", "user alice of demo",
                  "settings of application demo", "of application demo: a stored secret",
                  "the board of demo does not know", "the change log has revision"):
        assert words in result.stdout, result.stdout
    assert result.stdout.endswith(f"problems: {len(result.stdout.splitlines()) - 1}\n")


@pytest.mark.sqlite
def test_check_sees_a_broken_file_a_missing_one_and_a_wrong_key(tmp_path):
    data = tmp_path / "data"
    assert check(data).returncode == 1 and not data.exists()
    with fresh_server(data, "--demo"):
        pass
    shutil.copytree(data, tmp_path / "other")
    (data / "server.key").unlink()
    assert "no server key" in check(data).stdout and not (data / "server.key").exists()
    with open(tmp_path / "other" / "callboard.db", "r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 4))
    assert check(tmp_path / "other").returncode == 1


def test_check_leaves_a_foreign_schema_alone(tmp_path):
    data = tmp_path / "data"
    initialise(data)
    alter(data, "UPDATE schema_migrations SET checksum = 'x' WHERE version = 1")
    result = check(data)
    assert result.returncode == 1 and result.stdout + result.stderr


# --- one server to a folder, and its disk ------------------------------------------------------


@pytest.mark.sqlite
def test_a_second_server_on_the_folder_is_refused_and_commands_are_not(tmp_path):
    with fresh_server(tmp_path / "data") as app:
        result = run_cli("serve", "--data", tmp_path / "data", "--listen",
                         f"127.0.0.1:{free_port()}", check=False)
        assert result.returncode == 1
        assert f"another server (process {app.server.process.pid}) uses" in result.stderr
        for command in (["migrate"], ["init"], ["backup", tmp_path / "copy.db"]):
            run_cli(*command, "--data", tmp_path / "data")
        app.server.kill()
        app.server.start()


@pytest.mark.sqlite
def test_a_disk_without_room_shows_on_readyz(tmp_path):
    with fresh_server(tmp_path / "data", f"--min-free-bytes={1 << 60}") as app:
        answer = app.server.request("GET", "/readyz")
        assert answer.status == 503
        assert answer.json() == {"ready": False, "problems": [
            {"what": "disk", "why": "it has less room than min_free_bytes"}]}


def test_config_shows_all_and_refuses_what_serve_refuses(tmp_path):
    for flag in ("--work-threads=0", "--listen=nowhere:1", "--trusted-proxies=x", "--log-level=x",
                 "--rate-writes-per-user=-1"):
        result = run_cli("config", flag, check=False)
        name = flag[2:].partition("=")[0].replace("-", "_")
        assert result.returncode == 2 and name in result.stdout, result
        assert result.stderr.startswith("callboard: ")
