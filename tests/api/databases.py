"""Where the database of a data folder is.

In the folder itself, or, where CALLBOARD_TEST_POSTGRES names a PostgreSQL server (as
tools/with_postgres does), in a database of its own on that server. Tests of SQLite's own ways are
marked `sqlite`, and left out there.
"""

import contextlib
import itertools
import os
import sqlite3
import subprocess
from pathlib import Path

import psycopg2

SERVER = os.environ.get("CALLBOARD_TEST_POSTGRES")
PATIENCE_S = 30
_numbers = itertools.count(1)
_urls = {}


def url_of(data: Path) -> str:
    """The PostgreSQL database of that folder, made when first asked for."""
    place = Path(data).resolve()
    if place not in _urls:
        name = f"api_{os.getpid()}_{next(_numbers)}"
        with contextlib.closing(psycopg2.connect(SERVER)) as server:
            server.autocommit = True
            server.cursor().execute(f"CREATE DATABASE {name}")
        _urls[place] = SERVER.rpartition("/")[0] + "/" + name
    return _urls[place]


def flags_of(data: Path) -> list[str]:
    """What the program has to be told besides --data."""
    return ["--database", url_of(data)] if SERVER else []


def with_flags(arguments: tuple) -> list:
    """The arguments of a command that names a data folder, with its database."""
    if "--data" not in arguments or "--database" in arguments:
        return list(arguments)
    return [*arguments, *flags_of(arguments[arguments.index("--data") + 1])]


def execute(data: Path, statement: str, **values) -> list[tuple]:
    """Runs one statement, whose values stand as :name, and returns its rows."""
    if SERVER:
        connection = psycopg2.connect(url_of(data))
        for name in values:
            statement = statement.replace(f":{name}", f"%({name})s")
    else:
        connection = sqlite3.connect(Path(data) / "callboard.db", timeout=PATIENCE_S)
    with contextlib.closing(connection), connection:
        cursor = connection.cursor()
        cursor.execute(statement, values or ())
        return cursor.fetchall() if cursor.description else []


def content_of(data: Path) -> bytes:
    """All that lies in the folder and in its database."""
    files = b"".join(path.read_bytes() for path in Path(data).rglob("*") if path.is_file())
    if not SERVER:
        return files
    return files + subprocess.run(["pg_dump", url_of(data)], capture_output=True, check=True).stdout


def owes_foreign_keys(data: Path) -> bool:
    """Whether a row refers to one that is not there. PostgreSQL never lets that happen."""
    return not SERVER and execute(data, "PRAGMA foreign_key_check") != []
