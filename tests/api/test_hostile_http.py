"""Hostile HTTP at the socket: refused with the right status, and the connection is closed.

Every request here is one that two readers may understand differently (RFC 9112 §11.2), or one that
asks for more than a limit. After each the server still serves others.
"""

import re
import socket

import pytest

from callboard import PATIENCE_S

OK = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /bp/session HTTP/1.1\r\nHost: x\r\n"
TE = b"Transfer-Encoding: chunked\r\n"
NO_CHUNKS = b"\r\n0\r\n\r\n"
CHUNKED = POST + TE + b"\r\n"

# name: (status, bytes); any of a set is right.
TABLE = {
    "length and chunks": (400, POST + b"Content-Length: 3\r\n" + TE + NO_CHUNKS),
    "chunks and length": (400, POST + TE + b"Content-Length: 3\r\n" + NO_CHUNKS),
    "two lengths": (400, POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    "two equal lengths": (400, POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
    "a list of lengths": (400, POST + b"Content-Length: 3, 3\r\n\r\nabc"),
    "length with a sign": (400, POST + b"Content-Length: +3\r\n\r\nabc"),
    "length below zero": (400, POST + b"Content-Length: -1\r\n\r\n"),
    "length in hex": (400, POST + b"Content-Length: 0x3\r\n\r\nabc"),
    "length as text": (400, POST + b"Content-Length: three\r\n\r\nabc"),
    "empty length": (400, POST + b"Content-Length: \r\n\r\nabc"),
    "length with a space inside": (400, POST + b"Content-Length: 1 0\r\n\r\nabc"),
    "length beyond numbers": ({400, 413}, POST + b"Content-Length: 99999999999999999999\r\n\r\n"),
    "xchunked": (501, POST + b"Transfer-Encoding: xchunked\r\n" + NO_CHUNKS),
    "gzip": (501, POST + b"Transfer-Encoding: gzip\r\n\r\n"),
    "gzip, chunked": (501, POST + b"Transfer-Encoding: gzip, chunked\r\n" + NO_CHUNKS),
    "identity": ({400, 501}, POST + b"Transfer-Encoding: identity\r\n\r\n"),
    "chunked, chunked": ({400, 501},
                         POST + b"Transfer-Encoding: chunked, chunked\r\n" + NO_CHUNKS),
    "chunked twice": ({400, 501}, POST + TE + TE + NO_CHUNKS),
    "chunked, identity": ({400, 501},
                          POST + b"Transfer-Encoding: chunked, identity\r\n" + NO_CHUNKS),
    "empty encoding": ({400, 501}, POST + b"Transfer-Encoding: \r\n\r\n"),
    "vertical tab before chunked": ({400, 501},
                                    POST + b"Transfer-Encoding: \x0bchunked\r\n" + NO_CHUNKS),
    "HTTP/1.0 with chunks": (400, b"POST /bp/session HTTP/1.0\r\nHost: x\r\n" + TE + NO_CHUNKS),
    "chunk size in letters": (400, CHUNKED + b"xyz\r\nabc\r\n0\r\n\r\n"),
    "chunk size with a sign": (400, CHUNKED + b"-1\r\na\r\n0\r\n\r\n"),
    "chunk size with 0x": (400, CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n"),
    "chunk size beyond numbers": ({400, 413}, CHUNKED + b"ffffffffffffffffff\r\n"),
    "chunk longer than it says": (400, CHUNKED + b"3\r\nabcdef\r\n0\r\n\r\n"),
    "chunk ended by a bare LF": (400, CHUNKED + b"3\nabc\n0\n\n"),
    "chunks without end": ({400, 413},
                           CHUNKED + b"fffff\r\n" + b"x" * 0xfffff + b"\r\nfffff\r\n" + b"x" * 200),
    "folded header": (400, OK + b"X-A: 1\r\n folded\r\n\r\n"),
    "folded with a tab": (400, OK + b"X-A: 1\r\n\tfolded\r\n\r\n"),
    "fold at the first": (400, b"GET /healthz HTTP/1.1\r\n X-A: 1\r\nHost: x\r\n\r\n"),
    "bare LF": (400, b"GET /healthz HTTP/1.1\nHost: x\n\n"),
    "bare LF in the headers": (400, OK + b"X-A: 1\nX-B: 2\r\n\r\n"),
    "bare CR in a value": (400, OK + b"X-A: 1\r2\r\n\r\n"),
    "bare CR before a header": (400, OK + b"X-A: 1\rContent-Length: 5\r\n\r\n"),
    "NUL in a value": (400, OK + b"X-A: 1\x002\r\n\r\n"),
    "NUL in the target": (400, b"GET /heal\x00thz HTTP/1.1\r\nHost: x\r\n\r\n"),
    "space before the colon": (400, OK + b"X-A : 1\r\n\r\n"),
    "space before length's colon": (400, POST + b"Content-Length : 3\r\n\r\nabc"),
    "tab before the colon": (400, OK + b"X-A\t: 1\r\n\r\n"),
    "no colon": (400, OK + b"X-A 1\r\n\r\n"),
    "empty header name": (400, OK + b": 1\r\n\r\n"),
    "a header name with a bracket": (400, OK + b"X(A): 1\r\n\r\n"),
    "a header name beyond ASCII": (400, OK + b"X-\xc3\xa4: 1\r\n\r\n"),
    "a control character": (400, OK + b"X-A: \x01\r\n\r\n"),
    "no Host": (400, b"GET /healthz HTTP/1.1\r\n\r\n"),
    "two Hosts": (400, OK + b"Host: y\r\n\r\n"),
    "two equal Hosts": (400, OK + b"Host: x\r\n\r\n"),
    "a Host with a space": (400, b"GET /healthz HTTP/1.1\r\nHost: x y\r\n\r\n"),
    "a Host with a path": (400, b"GET /healthz HTTP/1.1\r\nHost: x/y\r\n\r\n"),
    "a Host with a user": (400, b"GET /healthz HTTP/1.1\r\nHost: a@x\r\n\r\n"),
    "HTTP/2.0": (505, b"GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n"),
    "HTTP/3.7": (505, b"GET /healthz HTTP/3.7\r\nHost: x\r\n\r\n"),
    "HTTP/1.2": ({400, 505}, b"GET /healthz HTTP/1.2\r\nHost: x\r\n\r\n"),
    "HTTP/0.9": ({400, 505}, b"GET /healthz\r\n\r\n"),
    "HTTP/11": (400, b"GET /healthz HTTP/11\r\nHost: x\r\n\r\n"),
    "http/1.1": (400, b"GET /healthz http/1.1\r\nHost: x\r\n\r\n"),
    "the preface of HTTP/2": ({400, 405, 501, 505}, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "two spaces": (400, b"GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    "a tab for a space": (400, b"GET\t/healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    "a space in the target": (400, b"GET /health z HTTP/1.1\r\nHost: x\r\n\r\n"),
    "a space at the end": (400, b"GET /healthz HTTP/1.1 \r\nHost: x\r\n\r\n"),
    "no target": (400, b"GET HTTP/1.1\r\nHost: x\r\n\r\n"),
    "a target without a slash": (400, b"GET healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    "an absolute target of another host": (
        400, b"GET http://y/healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    "an absolute target of another port": (
        400, b"GET http://x:80/healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    "an absolute target with a user": (
        400, b"GET http://x@x/healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    "an absolute target and no Host": (400, b"GET http://x/healthz HTTP/1.1\r\n\r\n"),
    "an absolute target of another scheme": (
        400, b"GET ftp://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    "two empty lines before the request": (400, b"\r\n\r\n" + OK + b"\r\n"),
    "a line feed before the request": (400, b"\n" + OK + b"\r\n"),
    "bytes beyond ASCII in the target": (400, b"GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n"),
    "CONNECT": ({400, 405, 501}, b"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n"),
    "a method of brackets": ({400, 501}, b"G{T /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    "an endless method": ({400, 414, 431, 501}, b"G" * 20000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n"),
    "TLS on a plain port": (400,
                            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    "a long target": (414, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    "a target longer than all": ({414, 431},
                                 b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    "20 KiB of one header": (431, OK + b"X-A: " + b"a" * 20480 + b"\r\n\r\n"),
    "20 KiB without an end": (431, OK + b"X-A: " + b"a" * 20480),
    "10,000 headers": (431, OK + b"".join(b"X-%d: 1\r\n" % i for i in range(10000)) + b"\r\n"),
    "200 small headers": (431, OK + b"A: 1\r\n" * 200 + b"\r\n"),
    "a long trailer": ({400, 413, 431}, CHUNKED + b"0\r\n" + b"X-A: 1\r\n" * 100000 + b"\r\n"),
    "a body beyond the limit": (413, POST + b"Content-Length: 1048577\r\n\r\n"),
    "an unknown expectation": ({400, 417},
                               POST + b"Expect: 200-maybe\r\nContent-Length: 2\r\n\r\n{}"),
}
GOOD = {
    "an absolute target": b"GET http://x/healthz HTTP/1.1\r\nHost: X\r\nConnection: close\r\n\r\n",
    "an empty line before the request": b"\r\n" + OK + b"Connection: close\r\n\r\n",
    "plain": OK + b"Connection: close\r\n\r\n",
    "HTTP/1.0": b"GET /healthz HTTP/1.0\r\n\r\n",
    "HTTP/1.0 with a Host": b"GET /healthz HTTP/1.0\r\nHost: x\r\n\r\n",
    "odd case": b"GET /healthz HTTP/1.1\r\nhOsT: x\r\ncOnNeCtIoN: cLoSe\r\n\r\n",
    "tabs and spaces around a value": OK + b"X-A: \t 1 \t\r\nConnection: \tclose \r\n\r\n",
    "no space after the colon": OK + b"X-A:1\r\nConnection:close\r\n\r\n",
    "an empty value": OK + b"X-A:\r\nConnection: close\r\n\r\n",
    "a Host with a port": b"GET /healthz HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
}


def statuses_of(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


@pytest.mark.parametrize("name", TABLE)
def test_refused_and_closed(demo, name):
    expected, request = TABLE[name]
    poison = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"  # must not be taken for a second request
    answer = demo.server.raw(request + poison)
    statuses = statuses_of(answer)
    assert len(statuses) == 1, answer[:500]
    assert statuses[0] in (expected if isinstance(expected, set) else {expected}), answer[:500]
    assert b"\r\nConnection: close\r\n" in answer, answer[:500]
    assert demo.server.request("GET", "/healthz").status == 200


@pytest.mark.parametrize("name", GOOD)
def test_accepted(demo, name):
    answer = demo.server.raw(GOOD[name])
    assert statuses_of(answer) == [200], answer[:500]


def connect(server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), PATIENCE_S)


def test_pipelined_requests_are_answered_in_order(demo):
    requests = OK + b"\r\n" + b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" + OK + b"\r\n"
    answer = demo.server.raw(requests * 20 + OK + b"Connection: close\r\n\r\n")
    assert statuses_of(answer) == [200, 404, 200] * 20 + [200]


def test_byte_by_byte(demo):
    with connect(demo.server) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in OK + b"Connection: close\r\n\r\n":
            sock.sendall(bytes([byte]))
        assert statuses_of(b"".join(iter(lambda: sock.recv(65536), b""))) == [200]


def test_expect_continue(demo):
    with connect(demo.server) as sock:
        sock.sendall(POST + b"Expect: 100-continue\r\nConnection: close\r\n"
                     b"Content-Length: 2\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"{}")
        assert statuses_of(b"".join(iter(lambda: sock.recv(65536), b""))) == [400]


def test_no_continue_for_a_body_beyond_the_limit(demo):
    with connect(demo.server) as sock:
        sock.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n")
        assert statuses_of(b"".join(iter(lambda: sock.recv(65536), b""))) == [413]


def test_head_has_no_body(demo):
    head = demo.server.raw(b"HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    get = demo.server.raw(OK + b"Connection: close\r\n\r\n")
    length = b"Content-Length: %d\r\n" % len(get.split(b"\r\n\r\n", 1)[1])
    assert head.endswith(b"\r\n\r\n") and length in head, head


def test_pipelined_garbage_after_a_good_request(demo):
    answer = demo.server.raw(OK + b"\r\n" + b"\x00\xff garbage\r\n\r\n")
    assert statuses_of(answer) == [200, 400]


def test_half_a_request_and_gone(demo):
    for _ in range(50):
        with connect(demo.server) as sock:
            sock.sendall(POST + b"Content-Length: 100\r\n\r\nhalf")
    assert demo.server.request("GET", "/healthz").status == 200
