"""More than it can serve: it refuses, keeps serving others, and its memory stays bounded."""

import contextlib
import socket
import threading
from pathlib import Path

from callboard import PATIENCE_S, expect_ok, fresh_server

BOARD = "/bp/server/user/u/bulletin_board"
HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


@contextlib.contextmanager
def connections(server, count):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE_S))
               for _ in range(count)]


def until_closed(sock) -> bytes:
    try:
        return b"".join(iter(lambda: sock.recv(65536), b""))
    except ConnectionResetError:
        return b""


def resident_kb(server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def test_slow_headers_are_cut_off(tmp_path):
    """Clients that drip their header are closed in time, and nobody else waits for them."""
    with fresh_server(tmp_path / "data", "--header-timeout-ms=300") as app:
        with connections(app.server, 500) as slow:
            for sock in slow:
                sock.sendall(HEAD)
            expect_ok(app.backend("GET", BOARD))
            for sock in slow:
                assert b"200 OK" not in until_closed(sock)
        expect_ok(app.backend("GET", BOARD))


def test_dripping_does_not_extend_the_time(tmp_path):
    """A byte now and then is no progress: the limit counts from the first byte to the last."""
    with fresh_server(tmp_path / "data", "--header-timeout-ms=300") as app:
        with connections(app.server, 1) as (sock,):
            sock.settimeout(0.05)
            sock.sendall(HEAD)
            for _ in range(200):  # 10 s; it must be over long before
                try:
                    if not sock.recv(65536).startswith(b"HTTP/1.1 200"):
                        return
                except TimeoutError:
                    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                        sock.sendall(b"X-A: 1\r\n")
                except ConnectionResetError:
                    return
        raise AssertionError("still open")


def test_slow_bodies_are_cut_off(tmp_path):
    with fresh_server(tmp_path / "data", "--body-timeout-ms=300") as app:
        with connections(app.server, 100) as slow:
            for sock in slow:
                sock.sendall(b"POST /bp/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            for sock in slow:
                assert b"200 OK" not in until_closed(sock)
        expect_ok(app.backend("GET", BOARD))


def test_idle_connections_are_closed(tmp_path):
    with fresh_server(tmp_path / "data", "--idle-timeout-ms=300") as app:
        with connections(app.server, 100) as idle:
            for sock in idle:
                sock.sendall(HEAD + b"\r\n")
                assert sock.recv(65536).startswith(b"HTTP/1.1 200")
            for sock in idle:
                assert until_closed(sock) == b""


def test_one_connection_too_many(tmp_path):
    """Beyond the limit a connection is closed at once; when one goes, another may come."""
    with fresh_server(tmp_path / "data", "--max-connections=20") as app:
        with connections(app.server, 20) as held:
            for sock in held:
                sock.sendall(HEAD + b"\r\n")
                assert sock.recv(65536).startswith(b"HTTP/1.1 200")
            with connections(app.server, 5) as more:
                for sock in more:
                    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                        sock.sendall(HEAD + b"\r\n")
                    assert b"200 OK" not in until_closed(sock)
            held[0].sendall(HEAD + b"Connection: close\r\n\r\n")
            assert until_closed(held[0]).startswith(b"HTTP/1.1 200")
            with connections(app.server, 1) as (sock,):
                sock.sendall(HEAD + b"\r\n")
                assert sock.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_full_queue_says_so(tmp_path):
    """One worker and a short queue: work that finds no place gets 503 with Retry-After, work that
    was taken is done, and answers from memory go on."""
    with fresh_server(tmp_path / "data", "--work-threads=1", "--work-queue=1") as app:
        created, refused, others = [], [], []
        expect_ok(app.backend("GET", BOARD))

        def write(number):
            connection = app.server.connect()
            for index in range(15):
                response = app.operator("POST", f"{app.console}/bulletin_board",
                                        {"bulletin_name": f"{number}:{index}"},
                                        connection=connection)
                (created if response.status == 200 else refused).append(response)

        def read():
            connection = app.server.connect()
            for _ in range(100):
                others.append(app.server.request("GET", "/healthz", connection=connection).status)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(24)]
        threads.append(threading.Thread(target=read))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert others == [200] * 100
        assert all(response.status == 503 and int(response.headers["Retry-After"]) >= 1
                   for response in refused), refused[:3]
        assert len(app.board_of("u")) == len(created) > 0


def test_memory_stays_bounded(tmp_path):
    """10 MB headers, answers nobody reads, and garbage in a pipeline, 100 of each."""
    with fresh_server(tmp_path / "data", "--write-timeout-ms=1000") as app:
        for number in range(50):
            app.create_bulletin(bulletin_name=f"b{number}", bulletin_body="x" * 2000)
        expect_ok(app.backend("GET", BOARD))
        before = resident_kb(app.server)
        flood = HEAD + b"X-A: " + b"a" * 10_000_000
        token = app.backend_token()
        ask = f"GET {BOARD} HTTP/1.1\r\nHost: x\r\nX-BytePower-Auth-Token: {token}\r\n\r\n"
        with connections(app.server, 100) as greedy:
            for sock in greedy:
                sock.setblocking(False)
                with contextlib.suppress(BlockingIOError):  # 100 kB answers each, never read
                    sock.send(ask.encode() * 200)
            for _ in range(100):
                assert b"HTTP/1.1 431 " in app.server.raw(flood)
                assert b"HTTP/1.1 400 " in app.server.raw(HEAD + b"\r\n" + b"\x00\xff" * 5000)
            during = resident_kb(app.server)
        assert during - before < 100 * 1024, f"{before} kB before, {during} kB during"
        expect_ok(app.backend("GET", BOARD))
