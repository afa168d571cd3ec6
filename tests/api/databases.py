"""Where the database of a data folder is.

In the folder itself, or, where CALLBOARD_TEST_POSTGRES names a PostgreSQL server (as
tools/with_postgres does), in a database of its own on that server. Tests of SQLite's own ways are
marked `sqlite`, and left out there.
"""

import contextlib
import io
import itertools
import os
import sqlite3
import subprocess
from pathlib import Path

import psycopg2

SERVER = os.environ.get("CALLBOARD_TEST_POSTGRES")
PATIENCE_S = 30
ROWS_AT_ONCE = 10_000
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


def moved(data: Path, url: str) -> None:
    """From here on that is where it is."""
    _urls[Path(data).resolve()] = url


def flags_of(data: Path) -> list[str]:
    """What the program has to be told besides --data."""
    return ["--database", url_of(data)] if SERVER else []


def with_flags(arguments: tuple) -> list:
    """The arguments of a command that names a data folder, with its database."""
    if "--data" not in arguments or "--database" in arguments:
        return list(arguments)
    return [*arguments, *flags_of(arguments[arguments.index("--data") + 1])]


def connect(data: Path):
    """A connection as Python's database API has it."""
    if SERVER:
        return psycopg2.connect(url_of(data))
    return sqlite3.connect(Path(data) / "callboard.db", timeout=PATIENCE_S)


def insert_many(data: Path, table: str, rows) -> None:
    """Whole rows, as tuples without a null."""
    with contextlib.closing(connect(data)) as connection, connection:
        cursor = connection.cursor()
        if SERVER:
            lines = ("\t".join(map(_copied, row)) + "\n" for row in rows)
            while chunk := "".join(itertools.islice(lines, ROWS_AT_ONCE)):
                cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(chunk))
            cursor.execute(f"ANALYZE {table}")
            return
        for row in rows:
            cursor.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def _copied(value) -> str:
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def execute(data: Path, statement: str, **values) -> list[tuple]:
    """Runs one statement, whose values stand as :name, and returns its rows."""
    for name in values if SERVER else ():
        statement = statement.replace(f":{name}", f"%({name})s")
    with contextlib.closing(connect(data)) as connection, connection:
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
