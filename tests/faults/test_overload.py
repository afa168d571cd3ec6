"""More than it can serve: it refuses, keeps serving others, and its memory stays bounded."""

import contextlib
import socket
import threading
import time

import pytest

from callboard import PATIENCE_S, expect_ok, fresh_server
from crowd import Crowd, Reader, attackers, need_files, resident_kb

BOARD = "/bp/server/user/u/bulletin_board"
HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
BODY = b"POST /bp/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
ROUNDS = 20
MAX_RATIO = 2.0  # of the reads' 99th percentile, under attack and without
NOISE_MS = 1.0  # what the machine's other work does to it anyway


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


def assert_within_ratio(normal_p99_ms, attacked_p99_ms):
    """Compares what both functions measure. What else the machine does touches single rounds, so
    the quietest of each are compared; a ratio that holds in no round is the server's."""
    normal = attacked = float("inf")
    for _ in range(ROUNDS):
        normal = min(normal, normal_p99_ms())
        attacked = min(attacked, attacked_p99_ms())
        if attacked <= MAX_RATIO * normal + NOISE_MS:
            print(f"p99 {normal:.2f} ms, under attack {attacked:.2f} ms")
            return
    raise AssertionError(f"p99 {normal:.2f} ms, under attack {attacked:.2f} ms")


def assert_reads_go_on(reader, under_attack):
    """`under_attack` makes a context manager."""
    def attacked():
        with under_attack():
            return reader.p99_ms()

    assert_within_ratio(reader.p99_ms, attacked)


@pytest.mark.parametrize("sent", [HEAD + b"\r\n", HEAD, BODY, b"\r"],
                         ids=["idle", "half a header", "half a body", "half a line"])
def test_reads_beside_five_thousand_connections(tmp_path, sent):
    count = 5_000
    need_files(count)
    patient = ("--header-timeout-ms=60000", "--body-timeout-ms=120000")
    with fresh_server(tmp_path / "data", *patient) as app:
        app.create_bulletin()
        reader = Reader(app, BOARD)
        before = resident_kb(app.server)
        normal = min(reader.p99_ms() for _ in range(3))
        with Crowd(app.server) as crowd:
            for _ in range(count):
                crowd.join(sent)
            deadline = time.monotonic() + PATIENCE_S
            while app.server.metric("callboard_http_connections") <= count:
                assert time.monotonic() < deadline, "they were not all accepted"
            assert_within_ratio(lambda: normal, reader.p99_ms)
            held = resident_kb(app.server) - before
        assert held < count * 16, f"{held} kB for {count} connections"


def one(port: int, data: bytes):
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as sock:
        with contextlib.suppress(ConnectionError):
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
        until_closed(sock)


def huge_header(port: int):
    one(port, HEAD + b"X-A: " + b"a" * 1_000_000)


def huge_body(port: int):
    one(port, b"POST /bp/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n"
        + b"a" * 1_000_000)


def garbage_in_a_pipeline(port: int):
    one(port, (HEAD + b"\r\n") * 20 + b"\x00\xff" * 5000)


def pipelined_and_gone(port: int):
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as sock:
        sock.sendall((HEAD + b"\r\n") * 200)


def a_crowd_at_the_door(port: int):
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_S))


@pytest.mark.parametrize("attack", [huge_header, huge_body, garbage_in_a_pipeline,
                                    pipelined_and_gone, a_crowd_at_the_door])
def test_reads_go_on_under(tmp_path, attack):
    with fresh_server(tmp_path / "data") as app:
        app.create_bulletin()
        assert_reads_go_on(Reader(app, BOARD), lambda: attackers(attack, app.server.port))
        assert resident_kb(app.server) < 100 * 1024


def three_thousand_at_the_door(port: int):
    with contextlib.ExitStack() as stack:
        for _ in range(3_000):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_S))


def test_ten_times_more_connections_than_places(tmp_path):
    """Who is in is served as before; the others are turned away at once, cheaply; and who comes
    again gets a place that somebody leaves unused."""
    places = 300
    need_files(places * 10)
    with fresh_server(tmp_path / "data", f"--max-connections={places}") as app:
        app.create_bulletin()
        reader = Reader(app, BOARD)
        assert_reads_go_on(reader, lambda: attackers(three_thousand_at_the_door, app.server.port))
        with Crowd(app.server) as crowd:
            for _ in range(places):
                crowd.join(HEAD + b"\r\n")
            deadline = time.monotonic() + PATIENCE_S
            while b" 200 OK" not in app.server.raw(HEAD + b"Connection: close\r\n\r\n"):
                reader.read_ms()
                assert time.monotonic() < deadline, "the idle keep all places"
        assert app.server.metric("callboard_http_refused_total") > 0
