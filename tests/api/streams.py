"""Reads event streams: GET /bp/stream and others, as a client that does not know the server
would."""

import contextlib
import json
from types import SimpleNamespace
from typing import NamedTuple

from callboard import App, expect_ok
from contract import contract

PATH = "/bp/stream"


class Event(NamedTuple):
    name: str
    data: str
    id: str | None


class Stream:
    """An open stream; a context manager."""

    def __init__(self, app: App, user: str | None, headers=None, path=PATH):
        """`user`: None: nobody."""
        self.connection = app.server.connect()
        signed = app.signed_headers("GET", path, app.session(user)) if user is not None else {}
        self.connection.request("GET", path, headers=signed | (headers or {}))
        self.answer = self.connection.getresponse()
        self.retry_ms = None
        if self.answer.status == 200:
            head = SimpleNamespace(status=200, headers=self.answer.headers, body=b"")
            contract().check("GET", path, b"", head)

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.answer.close()
        self.connection.close()

    def next(self) -> Event | None:
        """The next event; None at the end. Waits for it, within the bound of all waits."""
        fields = {}
        with contextlib.suppress(ConnectionResetError):
            while line := self.answer.readline().decode():
                name, _, value = line.rstrip("\n").partition(":")
                value = value.removeprefix(" ")
                if name == "retry":
                    self.retry_ms = int(value)
                elif name:
                    fields[name] = f"{fields[name]}\n{value}" if name in fields else value
                elif "data" in fields:
                    return Event(fields.get("event", "message"), fields["data"], fields.get("id"))
        return None

    def next_revision(self) -> int:
        event = self.next()
        assert event and event.name == "board", event
        revision = json.loads(event.data)["revision"]
        assert event.id == str(revision)
        return revision


def names_on_board(app: App, user: str) -> list[str]:
    answer = expect_ok(app.client(user, "GET", "/bp/bulletin_board"))
    return [entry["name"] for entry in answer["bulletin_board"]]
