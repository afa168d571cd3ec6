"""A stand-in for LINE Login, written from LINE's documentation and OpenID Connect alone.

It checks what it is sent as strictly as LINE does: the redirect URI, the channel's secret, that a
code is used once, and PKCE. It misbehaves where a test tells it to, by the attributes of Provider.
"""

import hashlib
import http.server
import json
import secrets
import threading
import time
import urllib.parse

from cryptography.hazmat.primitives.asymmetric import ec

from callboard import PATIENCE_S, b64url, jwt

CHANNEL_ID = "1650000001"
CHANNEL_SECRET = "0123456789abcdef0123456789abcdef"
USER = "U" + "0123456789abcdef" * 2


def jwk_of(key: ec.EllipticCurvePrivateKey, key_id: str) -> dict:
    numbers = key.public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": key_id,
            "x": b64url(numbers.x.to_bytes(32, "big")), "y": b64url(numbers.y.to_bytes(32, "big"))}


class Provider:
    """Runs between __enter__ and __exit__. What a test may change:

    user, name, picture   who is at the keyboard
    claims                changes to the ID token's claims; None removes one
    id_token              a function of the claims that makes the token; None: it is left out
    token_answer          (status, body) instead of the token endpoint's own answer
    drops                 closes the connection instead of answering at the token endpoint
    friends               ids of the official account's friends
    friendship_answer     as token_answer
    certs                 JWKs; None: that endpoint answers 500
    hold                  an Event that the token endpoint waits for; `held` says that it does
    """

    def __init__(self):
        self.user, self.name, self.picture = USER, "Alice", "https://profile.example/alice"
        self.claims, self.id_token = {}, self.hs256
        self.token_answer = self.friendship_answer = self.hold = None
        self.drops = False
        self.friends, self.certs = set(), []
        self.held = threading.Semaphore(0)
        self.codes, self.access_tokens, self.calls = {}, {}, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def settings(self, **changes) -> dict:
        """Of an application that uses it."""
        return {"channel_id": CHANNEL_ID, "channel_secret": CHANNEL_SECRET,
                "api_base_url": self.url, "access_base_url": self.url} | changes

    def __enter__(self) -> "Provider":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        if self.hold:
            self.hold.set()
        self.server.shutdown()
        self.server.server_close()

    # --- ID tokens ---

    @staticmethod
    def hs256(claims) -> str:
        return jwt(claims, CHANNEL_SECRET)

    def claims_for(self, grant: dict) -> dict:
        now = int(time.time())
        claims = {"iss": "https://access.line.me", "sub": grant["user"], "aud": CHANNEL_ID,
                  "exp": now + 3600, "iat": now, "nonce": grant["nonce"], "amr": ["linesso"],
                  "name": self.name, "picture": self.picture} | self.claims
        return {name: value for name, value in claims.items() if value is not None}

    # --- the login page, where the browser is ---

    def authorize(self, location: str, answer="code") -> str:
        """What a browser gets that goes to `location`: the URL to go back to."""
        url = urllib.parse.urlsplit(location)
        assert f"{url.scheme}://{url.netloc}" == self.url, location
        assert url.path == "/oauth2/v2.1/authorize"
        asked = dict(urllib.parse.parse_qsl(url.query, strict_parsing=True))
        assert asked["response_type"] == "code" and asked["client_id"] == CHANNEL_ID
        assert asked["code_challenge_method"] == "S256"
        assert {"openid", "profile"} <= set(asked["scope"].split(" "))
        back = {"state": asked["state"]}
        if answer == "code":
            back["code"] = secrets.token_urlsafe(12)
            self.codes[back["code"]] = asked | {"user": self.user}
            back["friendship_status_changed"] = "false"
        else:
            back |= {"error": answer, "error_description": "The user said no."}
        return asked["redirect_uri"] + "?" + urllib.parse.urlencode(back)

    # --- the API, which the server calls ---

    def token(self, form: dict):
        refused = {"error": "invalid_grant", "error_description": "invalid authorization code"}
        grant = self.codes.pop(form.get("code"), None)
        if form.get("grant_type") != "authorization_code" or grant is None:
            return 400, refused
        if (form["client_id"], form["client_secret"]) != (CHANNEL_ID, CHANNEL_SECRET):
            return 400, {"error": "invalid_client", "error_description": "invalid client_secret"}
        challenge = b64url(hashlib.sha256(form["code_verifier"].encode()).digest())
        if (challenge, form["redirect_uri"]) != (grant["code_challenge"], grant["redirect_uri"]):
            return 400, refused
        access_token = secrets.token_urlsafe(24)
        self.access_tokens[access_token] = grant["user"]
        answer = {"access_token": access_token, "expires_in": 2592000, "token_type": "Bearer",
                  "refresh_token": secrets.token_urlsafe(12), "scope": "openid profile"}
        if self.id_token:
            answer["id_token"] = self.id_token(self.claims_for(grant))
        return 200, answer

    def friendship(self, authorization: str):
        user = self.access_tokens.get(authorization.removeprefix("Bearer "))
        if user is None:
            return 401, {"message": "The access token expired"}
        return 200, {"friendFlag": user in self.friends}

    def answer(self, method, path, headers, body):
        """Status and body; None: no answer at all."""
        self.calls.append(path)
        if (method, path) == ("POST", "/oauth2/v2.1/token"):
            if self.hold:
                self.held.release()
                assert self.hold.wait(PATIENCE_S)
            if self.drops:
                return None
            return self.token_answer or self.token(dict(urllib.parse.parse_qsl(body.decode())))
        if (method, path) == ("GET", "/oauth2/v2.1/certs"):
            return (500, {}) if self.certs is None else (200, {"keys": self.certs})
        if (method, path) == ("GET", "/friendship/v1/status"):
            return self.friendship_answer or self.friendship(headers.get("Authorization", ""))
        return 404, {"message": "not found"}

    def _handler(provider):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = provider.answer(self.command, self.path, self.headers, body)
                self.close_connection = True
                if answer is None:
                    return
                status, value = answer
                data = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = respond

            def log_message(self, *_):
                pass

        return Handler
