import itertools

import pytest

from callboard import fresh_server
from festival import FLAGS, create_festival
from openid_provider import Provider

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """One server for all tests that don't need their own, with its application `demo`."""
    with fresh_server(tmp_path_factory.mktemp("shared") / "data") as app:
        yield app


@pytest.fixture
def app(demo):
    """An application of its own on the shared server: nothing crosses from one to another."""
    return demo.create_sibling(f"app-{next(_numbers)}")


@pytest.fixture
def line():
    """A stand-in for LINE Login."""
    with Provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def festivals(tmp_path_factory):
    """A server that may call stand-ins, with its application `demo`."""
    with fresh_server(tmp_path_factory.mktemp("festivals") / "data", *FLAGS) as app:
        yield app


@pytest.fixture
def fest(festivals, line):
    """An application of its own whose people log in by the stand-in."""
    return create_festival(festivals, f"fest-{next(_numbers)}", line)
