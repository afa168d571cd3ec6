"""install_packages asks for what is missing, only that, and says so when it can't have it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parent.parent / "install_packages"
STUBS = {
    "dpkg-query": 'for name; do :; done\n[ "$name" = "$MISSING" ] || printf installed\n',
    "apt-get": 'echo "$*" >>"$CALLS"\nexit "$APT_CODE"\n',
    "id": 'echo "$USER_ID"\n',
    "sleep": "",
}


@pytest.fixture(name="install")
def fixture_install(tmp_path):
    """Runs the program on a machine that lacks one package; its calls of apt-get are returned."""
    for name, body in STUBS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}")
        (tmp_path / name).chmod(0o755)
    for name in ("bash", "env"):
        os.symlink(shutil.which(name), tmp_path / name)

    def install(*groups, missing="", apt_code=0, user_id=0):
        calls = tmp_path / "calls"
        calls.write_text("")
        environment = {"PATH": str(tmp_path), "CALLS": str(calls), "MISSING": missing,
                       "APT_CODE": str(apt_code), "USER_ID": str(user_id)}
        result = subprocess.run([PROGRAM, *groups], env=environment, capture_output=True,
                                text=True, check=False)
        return result.returncode, result.stderr, calls.read_text().splitlines()

    return install


def test_nothing_is_asked_for_when_all_is_there(install):
    assert install("build", "test", "lint", "fuzz", "bench") == (0, "", [])


def test_only_what_is_missing_is_installed(install):
    code, _, calls = install("build", "test", missing="curl")
    assert code == 0
    assert [call.split()[-1] for call in calls] == ["update", "curl"]


def test_a_failing_mirror_is_tried_again_and_then_told(install):
    code, message, calls = install("test", missing="curl", apt_code=100)
    assert code == 1
    assert "apt-get update failed" in message
    assert len(calls) > 1


def test_without_root_or_sudo_the_command_is_told(install):
    code, message, calls = install("test", missing="curl", user_id=1000)
    assert (code, calls) == (1, [])
    assert "apt-get install curl" in message


@pytest.mark.parametrize("groups", [(), ("tests",)])
def test_an_unknown_group_is_refused(install, groups):
    code, message, _ = install(*groups)
    assert code == 1
    assert "build" in message
