"""People who visit an application's front end: a browser that keeps cookies as RFC 6265 has it, and
asks for what its pages ask for."""

import http.cookies
import json
import urllib.parse

from callboard import App, Response, compact_json


class Visitor:
    """One browser. `origin`: of the page that it shows; None: it sends no Origin."""

    def __init__(self, app: App, origin=None, headers=None):
        self.app, self.origin, self.headers = app, origin, headers or {}
        self.cookies = {}  # name: the last Set-Cookie's morsel

    def cookie_header(self) -> dict:
        line = "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())
        return {"Cookie": line} if line else {}

    def call(self, method, target, body=None, headers=None) -> Response:
        own = self.headers | self.cookie_header()
        if self.origin and method != "GET":
            own |= {"Origin": self.origin}
        data = b"" if body is None else compact_json(body)
        if data:
            own["Content-Type"] = "application/json"
        answer = self.app.server.request(method, target, own | (headers or {}), data)
        for line in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in http.cookies.SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel
        return answer

    def value(self, name: str) -> str:
        return self.cookies[name].value

    # --- LINE Login, step by step ---

    def depart(self, redirect_path="/", referer=None) -> Response:
        """To LINE's login page; `redirect_path` is sent as it is."""
        headers = {"Referer": referer} if referer else {}
        return self.call("GET", f"/line-login/auth?redirect_path={redirect_path}", None, headers)

    def arrive(self, back: str) -> Response:
        """From LINE's login page, which sent the browser to `back`."""
        url = urllib.parse.urlsplit(back)
        return self.call("GET", f"/line-login/callback?{url.query}")

    def log_in(self, provider, redirect_path="/", referer=None) -> Response:
        departed = self.depart(redirect_path, referer)
        assert departed.status == 302, departed
        return self.arrive(provider.authorize(departed.headers["Location"]))

    def logged_in_as(self):
        """The user's id; None: nobody is."""
        answer = self.call("GET", "/users/profile")
        if answer.status == 401:
            return None
        assert answer.status == 200, answer
        return json.loads(answer.body)["data"]["id"]
