"""Members as a browser has them: a cookie jar and an Origin."""

import http.cookies
import json

from callboard import App, Response, compact_json, expect_ok, run_cli

PASSWORD = "correct horse battery"


class Browser:
    """One browser at one server. `origin`: what its page's Origin is; None: it sends none."""

    def __init__(self, app: App):
        self.app, self.cookies, self.origin = app, {}, app.server.url

    def call(self, method, target, body=None, headers=None) -> Response:
        data = b"" if body is None else compact_json(body)
        own = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        own |= {"Origin": self.origin} if self.origin else {}
        answer = self.app.server.request(method, target, own | (headers or {}), data)
        for line in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in http.cookies.SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def ok(self, method, target, body=None):
        return expect_ok(self.call(method, target, body))

    def sign_in(self, email, password=PASSWORD) -> Response:
        return self.call("POST", "/api/session", {"email": email, "password": password})

    def use(self, token, **more) -> Response:
        return self.call("POST", "/api/link", {"token": token, "password": PASSWORD} | more)


def command(app: App, *words):
    """`callboard WORDS --json` on the app's data folder."""
    return json.loads(run_cli(*words, "--data", app.server.data, "--json").stdout)


def member(app: App, email: str, role: str, workspace="default") -> Browser:
    """A new member, signed in."""
    made = command(app, "member", "add", email, role, "--workspace", workspace)
    browser = Browser(app)
    expect_ok(browser.use(made["token"]))
    browser.email, browser.member_id = email, made["member_id"]
    return browser
