"""Runs `callboard line-sandbox`, and calls it as LINE is called."""

import contextlib
import http.client
import json
import queue
import signal
import subprocess
import threading
import uuid
from urllib.parse import urlencode

from callboard import BINARY, PATIENCE_S, Response

SECRETS = {"client_id": "1234567890", "client_secret": "sandbox-channel-secret"}
MESSAGING_SECRET = "sandbox-messaging-secret"
ACCESS_TOKEN = "sandbox-access-token"
HELLO = [{"type": "text", "text": "hello"}]


def user_id(number: int) -> str:
    return f"U{number:032x}"


class Sandbox:
    def __init__(self, *flags: str):
        self.flags = flags

    def __enter__(self):
        self.process = subprocess.Popen(
            [BINARY, "line-sandbox", "--listen", "127.0.0.1:0", *self.flags],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first = queue.Queue()
        threading.Thread(target=lambda: first.put(self.process.stdout.readline()),
                         daemon=True).start()
        line = first.get(timeout=PATIENCE_S)
        assert line.startswith("listening on http://127.0.0.1:"), line
        self.url = line.removeprefix("listening on ").strip()
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def __exit__(self, kind, value, traceback):
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=PATIENCE_S)
        assert self.process.returncode == 0, errors

    def request(self, method, target, headers=None, body=b"", timeout=PATIENCE_S) -> Response:
        with contextlib.closing(
                http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)) as connection:
            connection.request(method, target, body or None, headers or {})
            return Response(connection.getresponse())

    def get(self, target, token=None) -> Response:
        return self.request("GET", target, {"Authorization": f"Bearer {token}"} if token else {})

    def form(self, target, **fields) -> Response:
        return self.request("POST", target, {"Content-Type": "application/x-www-form-urlencoded"},
                            urlencode(fields).encode())

    def order(self, method, target, value=None) -> Response:
        body = b"" if value is None else json.dumps(value).encode()
        return self.request(method, target, {"Content-Type": "application/json"}, body)

    def bot(self, target, value, retry_key=None, token=ACCESS_TOKEN, timeout=PATIENCE_S):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if retry_key:
            headers["X-Line-Retry-Key"] = retry_key
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.request("POST", target, headers, body, timeout)

    def push(self, to=user_id(10), messages=None, **more) -> Response:
        more.setdefault("retry_key", str(uuid.uuid4()))
        value = {"to": to, "messages": HELLO if messages is None else messages}
        return self.bot("/v2/bot/message/push", value, **more)

    def multicast(self, to, messages=None, **more) -> Response:
        more.setdefault("retry_key", str(uuid.uuid4()))
        value = {"to": to, "messages": HELLO if messages is None else messages}
        return self.bot("/v2/bot/message/multicast", value, **more)

    def ledger(self, query="") -> list:
        answer = self.get("/sandbox/ledger" + query)
        assert answer.status == 200, answer
        return answer.json()["messages"]

    def faults(self, *faults, **more):
        answer = self.order("POST", "/sandbox/faults", {"faults": list(faults)} | more)
        assert answer.status == 200, answer

    def violations(self) -> list[str]:
        return [each["what"] for each in self.get("/sandbox/violations").json()["violations"]]
