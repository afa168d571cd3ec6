import pytest

import databases
from postgres_server import PostgresServer


@pytest.fixture(scope="session", autouse=True)
def postgres():
    """A server that all tests of this folder share and leave as it was."""
    with PostgresServer() as server:
        databases.SERVER = server.url()
        yield server
