"""As many open event streams as one node is made for."""

import time

from callboard import expect_ok, fresh_server
from crowd import Crowd, need_files, resident_kb

STREAMS, USERS = 10_000, 1_000
MAX_RESIDENT_KB = 200 * 1024
MAX_ANNOUNCEMENT_S = 2.0
PATH = "/bp/stream"


def opening(app, user: str) -> bytes:
    headers = app.signed_headers("GET", PATH, app.session(user))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {PATH} HTTP/1.1\r\nHost: test\r\n{lines}\r\n".encode()


def test_ten_thousand_streams(tmp_path):
    """They fit into 200 MB, an announcement reaches each within 2 s, and reads go on."""
    need_files(STREAMS)
    flags = ("--rate-writes-per-app=0",)  # the users' sessions are made as fast as they can be
    with fresh_server(tmp_path / "data", *flags) as app, Crowd(app.server) as crowd:
        app.create_bulletin()
        for number in range(STREAMS):
            crowd.join(opening(app, f"user-{number % USERS}"))
            if number % Crowd.AT_ONCE == 0:
                crowd.look(0)
        crowd.wait_until_all_received(b'{"revision":1}')
        assert app.server.metric("callboard_http_streams") == STREAMS
        resident = resident_kb(app.server)
        assert resident < MAX_RESIDENT_KB, f"{resident} kB"

        took = []
        for revision in (2, 3, 4):
            crowd.forget()
            app.create_bulletin(bulletin_name=f"number {revision}")
            took.append(crowd.wait_until_all_received(b'{"revision":%d}' % revision))
        assert max(took) < MAX_ANNOUNCEMENT_S, took
        resident = resident_kb(app.server)
        assert resident < MAX_RESIDENT_KB, f"{resident} kB"
        print(f"{STREAMS} streams: {resident} kB, told after {took} s")

        expect_ok(app.backend("GET", "/bp/server/user/user-1/bulletin_board"))
        start = time.monotonic()
        app.server.stop()
        assert time.monotonic() - start < 5, "stopping does not wait for streams"
