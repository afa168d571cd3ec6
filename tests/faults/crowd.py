"""Very many connections from one thread, and reads that are measured beside them."""

import contextlib
import http.client
import multiprocessing
import resource
import selectors
import socket
import time
from pathlib import Path

import pytest

from callboard import PATIENCE_S

SPARE_FILES = 200
ATTACK_PAUSE_S = 0.02  # the attacker runs on the machine that it attacks, and must not be its load


def need_files(count: int):
    """Skips, visibly, where the system does not let a process have so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + SPARE_FILES
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"needs {wanted} file descriptors, and the hard limit is {hard}")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def resident_kb(server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


class Crowd:
    """Connections that have each sent something; what they receive is kept by connection."""

    AT_ONCE = 250  # connections begun before their answers are looked at

    def __init__(self, server):
        self.server = server
        self.selector = selectors.EpollSelector()
        self.received = {}

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_):
        for sock in list(self.received):
            self.drop(sock)
        self.selector.close()

    def join(self, data: bytes, receive_buffer: int | None = None) -> socket.socket:
        sock = socket.socket()
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(PATIENCE_S)
        sock.connect(("127.0.0.1", self.server.port))
        sock.setblocking(False)
        self.received[sock] = b""
        self.selector.register(sock, selectors.EVENT_READ)
        with contextlib.suppress(BlockingIOError, ConnectionError):
            sock.send(data)
        return sock

    def drop(self, sock):
        with contextlib.suppress(KeyError):
            self.selector.unregister(sock)
        sock.close()
        self.received.pop(sock, None)

    def look(self, timeout_s: float):
        """Receives what has come; a connection that has ended is None from then on."""
        for key, _ in self.selector.select(timeout_s):
            sock = key.fileobj
            try:
                data = sock.recv(65536)
            except ConnectionError:
                data = b""
            if data:
                self.received[sock] += data
            else:
                self.selector.unregister(sock)
                self.received[sock] = None

    def wait_until_all_received(self, text: bytes) -> float:
        """Seconds until each connection has received `text`."""
        start = time.monotonic()
        while missing := sum(got is None or text not in got for got in self.received.values()):
            assert None not in self.received.values(), "a connection has ended"
            assert time.monotonic() - start < PATIENCE_S, f"{missing} have not received {text!r}"
            self.look(0.05)
        return time.monotonic() - start

    def forget(self):
        for sock, got in self.received.items():
            self.received[sock] = got and b""


class Reader:
    """Reads one target again and again on one connection, and says how long it took."""

    def __init__(self, app, target: str):
        self.connection = http.client.HTTPConnection("127.0.0.1", app.server.port,
                                                     timeout=PATIENCE_S)
        self.target = target
        self.headers = {"X-BytePower-Auth-Token": app.backend_token()}
        self.p99_ms(100)

    def p99_ms(self, count: int = 1000) -> float:
        return sorted(self.read_ms() for _ in range(count))[int(count * 0.99)]

    def read_ms(self) -> float:
        start = time.perf_counter()
        self.connection.request("GET", self.target, headers=self.headers)
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        return (time.perf_counter() - start) * 1000


@contextlib.contextmanager
def attackers(attack, port: int):
    """Repeats `attack(port)` in a process of its own, as fast as it goes, while the block runs."""
    stop = multiprocessing.Event()
    process = multiprocessing.Process(target=_repeat, args=(attack, port, stop))
    process.start()
    try:
        yield
        assert process.is_alive(), "the attack has failed"
    finally:
        stop.set()
        process.join()


def _repeat(attack, port: int, stop):
    while not stop.is_set():
        attack(port)
        stop.wait(ATTACK_PAUSE_S)
