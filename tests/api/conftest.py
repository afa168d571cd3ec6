import itertools

import pytest

from callboard import fresh_server

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
