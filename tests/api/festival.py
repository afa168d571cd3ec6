"""An application with LINE Login, as a festival has it, and what its tests read out of answers."""

import base64
import json
import urllib.parse

from callboard import App, expect_ok
from openid_provider import Provider
from visitors import Visitor

FRONT = "https://fest.example"
OTHER_PAGE = "http://localhost:5173"
EVIL = "https://evil.example"
FLAGS = ("--outgoing-allow", "127.0.0.1", "--trusted-proxies", "127.0.0.1")


def change(app: App, **settings):
    expect_ok(app.operator("PATCH", f"{app.console}/settings", settings))


def create_festival(app: App, app_id: str, line: Provider) -> App:
    """A sibling called under a host of its own, with its front end at FRONT."""
    fest = app.create_sibling(app_id)
    fest.host = f"{app_id}.example"
    change(fest, line=line.settings(), front_end_url=FRONT + "/bikefest", hosts=[fest.host],
           allowed_origins=[FRONT, OTHER_PAGE])
    return fest


def visitor(app: App, origin=FRONT, **headers) -> Visitor:
    return Visitor(app, origin, {"Host": app.host} | headers)


def query_of(url: str) -> dict:
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, strict_parsing=True))


def msg_of(answer) -> str:
    """Of an error; both members that front ends read say the same."""
    body = answer.json()
    assert body["msg"] == body["data"]["msg"]
    return body["msg"]


def claims_of(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def authorized_by(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}
