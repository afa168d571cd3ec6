"""An independent client of Callboard: starts the binary, signs requests, makes tokens.

Written from the documented contract, not from the server's code, so that it shares no mistake with
it. Nothing here sleeps: starting waits for the line `listening on ...`, stopping for the exit.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import queue
import secrets
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

import databases
from contract import contract

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("CALLBOARD_BINARY", ROOT / "build/release/callboard")).resolve()
PATIENCE_S = 30  # the bound on every wait; a sanitizer build on a busy machine is slow


# --- tokens and signatures -------------------------------------------------------------------


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact_json(value) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def jws_signature(algorithm: str, key, text: bytes) -> bytes:
    """The JWS signature (RFC 7518 §3) of `text`. HMAC keys are text, the others private keys."""
    if algorithm == "none":
        return b""
    if algorithm.startswith("HS"):
        secret = key if isinstance(key, bytes) else key.encode()
        return hmac.new(secret, text, "sha" + algorithm[2:]).digest()
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    return key.sign(text)


def jwt(claims, key, algorithm="HS256", header=None) -> str:
    """`claims` and `header` are values, or bytes to be taken as they are."""
    if not isinstance(header, bytes):
        header = {"alg": algorithm, "typ": "JWT"} | (header or {})
    parts = [part if isinstance(part, bytes) else compact_json(part) for part in (header, claims)]
    text = ".".join(b64url(part) for part in parts)
    return text + "." + b64url(jws_signature(algorithm, key, text.encode()))


def sign(key: str, app_id: str, method: str, target: str, token="", body=b"", t=None, nonce=None):
    """The value of X-BytePower-Sign."""
    t = int(time.time()) if t is None else t
    nonce = nonce or secrets.token_hex(8)
    digests = [hashlib.sha256(part).hexdigest() for part in (token.encode(), body)]
    text = "\n".join(["v1", app_id, str(t), nonce, method, target, *digests])
    return f"t={t},n={nonce},v1={hmac.new(key.encode(), text.encode(), 'sha256').hexdigest()}"


# --- the server ------------------------------------------------------------------------------


class Response:
    def __init__(self, raw: http.client.HTTPResponse):
        self.status, self.headers, self.body = raw.status, raw.headers, raw.read()

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.text[:2000]}>"


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never became true"


def run_cli(*arguments, stdin: str | None = None, env=None, check=True):
    """Runs `callboard ARGUMENTS` to its end."""
    command = [BINARY, *map(str, databases.with_flags(arguments))]
    result = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120,
                            env=os.environ | (env or {}))
    if check:
        assert result.returncode == 0, (arguments, result.returncode, result.stderr)
    return result


def initialise(data: Path) -> dict:
    return json.loads(run_cli("init", "--data", data, "--json").stdout)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One `callboard serve` process. Use as a context manager, or start() and stop()."""

    def __init__(self, data: Path, *flags: str, env=None):
        self.data, self.flags, self.env = Path(data), flags, env or {}
        self.port = free_port()
        self.process = None

    def start(self) -> "Server":
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.log = open(self.data.parent / f"{self.data.name}.log", "ab")
        arguments = ("--data", self.data, "--listen", f"127.0.0.1:{self.port}", *self.flags)
        self.process = subprocess.Popen(
            [BINARY, "serve", *databases.with_flags(arguments)],
            stdout=subprocess.PIPE, stderr=self.log, env=os.environ | self.env)
        lines = queue.Queue()
        threading.Thread(target=self._read_lines, args=(self.process.stdout, lines),
                         daemon=True).start()
        self.printed = []  # before it listened
        while (line := lines.get(timeout=PATIENCE_S)) != f"listening on {self.url}\n":
            assert line is not None, f"the server ended at its start: {self.log_text()[-3000:]}"
            self.printed.append(line)
        return self

    @staticmethod
    def _read_lines(stream, lines):
        for line in stream:
            lines.put(line.decode())
        lines.put(None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log_text(self) -> str:
        return Path(self.log.name).read_text(errors="replace")

    def stop(self):
        """SIGTERM, and the exit status must be 0."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE_S)
        self.log.close()
        assert status == 0, f"exit status {status} after SIGTERM: {self.log_text()[-3000:]}"

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self.log.close()

    def restart(self):
        self.stop()
        self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, traceback):
        if self.process.poll() is None:
            self.kill() if kind else self.stop()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def request(self, method, target, headers=None, body=b"", connection=None) -> Response:
        """On `connection` if given (kept alive), else on one of its own. The answer must be one
        that the API's description allows."""
        with contextlib.ExitStack() as stack:
            if connection is None:
                connection = stack.enter_context(contextlib.closing(self.connect()))
            connection.request(method, target, body or None, headers or {})
            response = Response(connection.getresponse())
        contract().check(method, target, body, response)
        return response

    def raw(self, data: bytes) -> bytes:
        """Sends bytes as they are and returns all that comes until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as sock:
            with contextlib.suppress(ConnectionError):
                sock.sendall(data)
            return b"".join(iter(lambda: _receive(sock), b""))

    def metric(self, name: str) -> float:
        """The sum over all label sets of one metric."""
        text = self.request("GET", "/metrics").text
        rows = [line for line in text.splitlines() if line.split("{")[0].split(" ")[0] == name]
        assert rows, f"no metric {name}"
        return sum(float(row.rsplit(" ", 1)[1]) for row in rows)


def _receive(sock) -> bytes:
    try:
        return sock.recv(65536)
    except ConnectionResetError:  # closed with bytes of ours unread
        return b""


# --- who calls -------------------------------------------------------------------------------


class App:
    """One application with its keys, and the calls its clients, backend and operators make."""

    def __init__(self, server: Server, workspace_id, app_id, client_key, server_key, server_key_id,
                 api_token):
        self.server, self.workspace_id, self.app_id = server, workspace_id, app_id
        self.client_key, self.server_key = client_key, server_key
        self.server_key_id, self.api_token = server_key_id, api_token
        self.console = f"/api/workspace/{workspace_id}/application/{app_id}"
        self.sessions = {}

    def create_sibling(self, app_id: str) -> "App":
        """A new application of the same workspace, through the console's API."""
        applications = f"/api/workspace/{self.workspace_id}/application"
        expect_ok(self.operator("POST", applications, {"app_id": app_id, "name": app_id}))
        keys = {}
        for kind in ("client", "server"):
            keys[kind] = expect_ok(self.operator("POST", f"{applications}/{app_id}/keys",
                                                 {"kind": kind}))
        return App(self.server, self.workspace_id, app_id, keys["client"]["secret"],
                   keys["server"]["secret"], keys["server"]["key_id"], self.api_token)

    def make_token(self, role: str, expires_at: float | None = None) -> str:
        """An API token for this application alone, put straight into the database."""
        token = "cbk_" + secrets.token_urlsafe(32)
        row = {"token_id": secrets.token_hex(8), "workspace_id": self.workspace_id, "role": role,
               "hash": hashlib.sha256(token.encode()).hexdigest(), "label": "test",
               "apps": json.dumps([self.app_id]), "created_at_ms": 0,
               "expires_at_ms": expires_at and int(expires_at * 1000)}
        places = ", ".join(f":{column}" for column in row)
        databases.execute(self.server.data,
                          f"INSERT INTO api_tokens ({', '.join(row)}) VALUES ({places})", **row)
        return token

    def backend_token(self, **claims) -> str:
        values = {"iss": self.app_id, "aud": "callboard", "exp": int(time.time()) + 600} | claims
        return jwt(values, self.server_key, header={"kid": self.server_key_id})

    def session(self, user: str) -> str:
        if user not in self.sessions:
            answer = self.backend("POST", f"/bp/server/user/{user}/session", {})
            self.sessions[user] = expect_ok(answer)["session_token"]
        return self.sessions[user]

    def signed_headers(self, method, target, token="", body=b"", **overrides) -> dict:
        sign_key = overrides.pop("key", self.client_key)
        headers = {"X-App-ID": self.app_id,
                   "X-BytePower-Sign": sign(sign_key, self.app_id, method, target, token, body,
                                            **overrides)}
        return headers | ({"X-BytePower-Session-Token": token} if token else {})

    def call(self, who, method, target, body=None, headers=None, connection=None) -> Response:
        """`who`: nobody, operator, backend, signed, client:USER or token:API_TOKEN. A body that is
        neither bytes nor None is sent as JSON."""
        data = b"" if body is None else body if isinstance(body, bytes) else compact_json(body)
        kind, _, name = who.partition(":")
        own = {"Content-Type": "application/json"} if data else {}
        if kind in ("operator", "token"):
            own["Authorization"] = "Bearer " + (name or self.api_token)
        elif kind == "backend":
            own["X-BytePower-Auth-Token"] = self.backend_token()
        elif kind == "signed":
            own |= self.signed_headers(method, target, body=data)
        elif kind == "client":
            own |= self.signed_headers(method, target, self.session(name), data)
        else:
            assert kind == "nobody", who
        return self.server.request(method, target, own | (headers or {}), data, connection)

    def operator(self, method, target, body=None, **more) -> Response:
        return self.call("operator", method, target, body, **more)

    def backend(self, method, target, body=None, **more) -> Response:
        return self.call("backend", method, target, body, **more)

    def client(self, user, method, target, body=None, **more) -> Response:
        return self.call(f"client:{user}", method, target, body, **more)

    def create_bulletin(self, **fields) -> dict:
        bulletin = {"bulletin_name": "a board", "category": "", "bulletin_body": "some body",
                    "valid_date_start": 0, "valid_date_end": 0, "bulletin_condition": {}} | fields
        return expect_ok(self.operator("POST", f"{self.console}/bulletin_board", bulletin))

    def board_of(self, user: str) -> list[str]:
        """The names on the user's board, in order."""
        answer = self.backend("GET", f"/bp/server/user/{user}/bulletin_board")
        return [entry["name"] for entry in expect_ok(answer)["bulletin_board"]]


def expect_ok(response: Response):
    assert response.status == 200, response
    return response.json()


@contextlib.contextmanager
def fresh_server(data: Path, *flags: str):
    """A new data directory, a server on it, and its application `demo`."""
    keys = initialise(data)
    with Server(data, *flags) as server:
        yield App(server, **keys)
