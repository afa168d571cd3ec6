"""X-BytePower-Sign: what is accepted, and everything that must not be."""

import hashlib
import hmac
import json
import secrets
import time

import pytest

from callboard import ROOT, compact_json, expect_ok, sign

BOARD = "/bp/bulletin_board"
INFO = "/bp/user/info"
VECTORS = json.loads((ROOT / "tests/support/signature_vectors.json").read_text(encoding="utf-8"))
BODY = compact_json({"attributes": {"age": 9}})


@pytest.fixture(scope="module")
def signing(demo):
    return demo.create_sibling("signing")


def send(app, method, target, signature, body=b"", token=None):
    headers = {"X-BytePower-Sign": signature,
               "X-BytePower-Session-Token": token or app.session("u")}
    return app.server.request(method, target, headers, body)


def make(app, method="GET", target=BOARD, body=b"", token=None, **more):
    return sign(more.pop("key", app.client_key), more.pop("app_id", app.app_id), method, target,
                token or app.session("u"), body, **more)


def assert_refused(response, reason=None):
    assert response.status == 400, response
    error = response.json()["error"]
    assert error["error_type"] == "sig_invalid", response
    assert error["message"].startswith("sig_invalid(") and \
        error["message"].endswith("):(signature is invalid)"), response
    if reason:
        assert error["message"] == f"sig_invalid({reason}):(signature is invalid)", response


def test_vector():
    """The documented example: computed by hand from the lines of the scheme."""
    text = "\n".join(["v1", "demo", "1700000000", "abcdefgh", "PUT", "/bp/user/info?x=1",
                      hashlib.sha256(b"token").hexdigest(), hashlib.sha256(b"{}").hexdigest()])
    expected = hmac.new(b"key", text.encode(), "sha256").hexdigest()
    assert sign("key", "demo", "PUT", "/bp/user/info?x=1", "token", b"{}", 1700000000,
                "abcdefgh") == f"t=1700000000,n=abcdefgh,v1={expected}"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_shared_vectors(vector):
    """Those of the documentation, which the server's and the client library's tests use too."""
    assert sign(vector["client_key"], vector["app_id"], vector["method"], vector["target"],
                vector["session_token"], vector["body"].encode(), vector["time"],
                vector["nonce"]) == vector["header"]


def test_good_signatures(signing):
    expect_ok(send(signing, "GET", BOARD, make(signing)))
    target = BOARD + "?category=b&category=a&x=%7E+~"
    expect_ok(send(signing, "GET", target, make(signing, target=target)))
    expect_ok(send(signing, "PUT", INFO, make(signing, "PUT", INFO, BODY), BODY))
    assert send(signing, "HEAD", BOARD, make(signing, "HEAD")).status == 200


def test_nonce_lengths(signing):
    for nonce in ("a" * 8, "Az09_-Az", "z" * 64):
        expect_ok(send(signing, "GET", BOARD, make(signing, nonce=nonce)))
    for nonce in ("a" * 7, "z" * 65, "a b c d e", "ääääääää", "aaaa/aaaa", "aaaaaaa="):
        signature = make(signing, nonce=nonce).encode().decode("latin-1")
        assert_refused(send(signing, "GET", BOARD, signature))


@pytest.mark.parametrize("skew", [-299, -200, 0, 200, 295])
def test_within_the_skew(signing, skew):
    expect_ok(send(signing, "GET", BOARD, make(signing, t=int(time.time()) + skew)))


@pytest.mark.parametrize("skew", [-305, -3600, 305, 3600, 10**9])
def test_outside_the_skew(signing, skew):
    signature = make(signing, t=int(time.time()) + skew)
    assert_refused(send(signing, "GET", BOARD, signature), "signature expired")


def test_a_write_is_accepted_once(signing):
    signature = make(signing, "PUT", INFO, BODY)
    expect_ok(send(signing, "PUT", INFO, signature, BODY))
    for _ in range(2):
        assert_refused(send(signing, "PUT", INFO, signature, BODY), "nonce replayed")
    expect_ok(send(signing, "PUT", INFO, make(signing, "PUT", INFO, BODY), BODY))


def test_a_nonce_belongs_to_its_user(signing):
    t, nonce = int(time.time()), secrets.token_hex(8)
    for user in ("v", "w"):
        token = signing.session(user)
        signature = make(signing, "PUT", INFO, BODY, token, t=t, nonce=nonce)
        expect_ok(send(signing, "PUT", INFO, signature, BODY, token))


def test_a_replay_with_another_body_is_a_replay(signing):
    t, nonce = int(time.time()), secrets.token_hex(8)
    expect_ok(send(signing, "PUT", INFO, make(signing, "PUT", INFO, BODY, t=t, nonce=nonce), BODY))
    other = compact_json({"attributes": {"age": 10}})
    signature = make(signing, "PUT", INFO, other, t=t, nonce=nonce)
    assert_refused(send(signing, "PUT", INFO, signature, other), "nonce replayed")


def test_a_refused_request_does_not_burn_the_nonce(signing):
    """Else anyone who sees a nonce could block the write it belongs to."""
    t, nonce = int(time.time()), secrets.token_hex(8)
    forged = make(signing, "PUT", INFO, BODY, t=t, nonce=nonce, key="not the key")
    assert_refused(send(signing, "PUT", INFO, forged, BODY), "signature mismatch")
    expect_ok(send(signing, "PUT", INFO, make(signing, "PUT", INFO, BODY, t=t, nonce=nonce), BODY))


def test_a_read_may_be_repeated(signing):
    signature = make(signing)
    for _ in range(3):
        expect_ok(send(signing, "GET", BOARD, signature))


def test_what_is_signed_can_not_be_altered(signing):
    """Each line of the signed text in turn."""
    def mismatch(response):
        assert_refused(response, "signature mismatch")

    pair = BOARD + "?category=a&category=b"
    mismatch(send(signing, "GET", BOARD + "?category=b&category=a", make(signing, target=pair)))
    mismatch(send(signing, "GET", BOARD + "?", make(signing)))
    mismatch(send(signing, "GET", BOARD + "?category=%61", make(signing,
                                                                target=BOARD + "?category=a")))
    mismatch(send(signing, "GET", INFO, make(signing)))
    assert send(signing, "HEAD", BOARD, make(signing)).status == 400
    mismatch(send(signing, "PUT", INFO, make(signing, "PATCH", INFO, BODY), BODY))
    mismatch(send(signing, "PUT", INFO, make(signing, "PUT", INFO, BODY), BODY + b" "))
    mismatch(send(signing, "GET", BOARD, make(signing), token=signing.session("other")))
    mismatch(send(signing, "GET", BOARD, make(signing, app_id="demo")))
    mismatch(send(signing, "GET", BOARD, make(signing, key=signing.server_key)))
    signature = make(signing, t=int(time.time()), nonce="abcdefgh")
    mismatch(send(signing, "GET", BOARD, signature.replace("n=abcdefgh", "n=abcdefgi")))
    moved = signature.replace(f"t={int(time.time())}", f"t={int(time.time()) + 1}")
    if moved != signature:
        mismatch(send(signing, "GET", BOARD, moved))


MALFORMED = {
    "empty": lambda t, n, v: "",
    "nonsense": lambda t, n, v: "nonsense",
    "no time": lambda t, n, v: f"n={n},v1={v}",
    "no nonce": lambda t, n, v: f"t={t},v1={v}",
    "no value": lambda t, n, v: f"t={t},n={n}",
    "empty value": lambda t, n, v: f"t={t},n={n},v1=",
    "short value": lambda t, n, v: f"t={t},n={n},v1={v[:-1]}",
    "long value": lambda t, n, v: f"t={t},n={n},v1={v}0",
    "not hex": lambda t, n, v: f"t={t},n={n},v1={'g' * 64}",
    "another version": lambda t, n, v: f"t={t},n={n},v2={v}",
    "time twice": lambda t, n, v: f"t={t},t={t},n={n},v1={v}",
    "value twice": lambda t, n, v: f"t={t},n={n},v1={'0' * 64},v1={v}",
    "time as text": lambda t, n, v: f"t=now,n={n},v1={v}",
    "time below zero": lambda t, n, v: f"t=-{t},n={n},v1={v}",
    "time with a plus": lambda t, n, v: f"t=+{t},n={n},v1={v}",
    "time with a fraction": lambda t, n, v: f"t={t}.0,n={n},v1={v}",
    "time beyond numbers": lambda t, n, v: f"t={'9' * 30},n={n},v1={v}",
    "leading zero": lambda t, n, v: f"t=0{t},n={n},v1={v}",
    "very long": lambda t, n, v: f"t={t},n={n},v1={v}," + "x" * 5000,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(signing, name):
    t, n, v = (part.split("=", 1)[1] for part in make(signing).split(","))
    assert_refused(send(signing, "GET", BOARD, MALFORMED[name](t, n, v)))


def test_two_signatures_are_none(signing):
    """Which of two headers counts must not depend on who reads them."""
    good = make(signing)
    request = (f"GET {BOARD} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
               f"X-BytePower-Session-Token: {signing.session('u')}\r\n"
               f"X-BytePower-Sign: {make(signing, key='wrong')}\r\n"
               f"X-BytePower-Sign: {good}\r\n\r\n")
    assert signing.server.raw(request.encode()).startswith(b"HTTP/1.1 400 ")


def test_the_body_is_signed_after_chunked_decoding(signing):
    signature = make(signing, "PUT", INFO, BODY)
    chunks = b"%x\r\n%s\r\n%x;x=y\r\n%s\r\n0\r\n\r\n" % (3, BODY[:3], len(BODY) - 3, BODY[3:])
    head = (f"PUT {INFO} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
            f"X-BytePower-Session-Token: {signing.session('u')}\r\n"
            f"X-BytePower-Sign: {signature}\r\n\r\n")
    assert signing.server.raw(head.encode() + chunks).startswith(b"HTTP/1.1 200 ")


def test_both_client_keys_of_a_rotation(demo):
    app = demo.create_sibling("client-rotation")
    made = expect_ok(app.operator("GET", f"{app.console}/keys"))
    second = expect_ok(app.operator("POST", f"{app.console}/keys", {"kind": "client"}))
    for key in (app.client_key, second["secret"]):
        expect_ok(send(app, "GET", BOARD, make(app, key=key)))
    first_id = next(key["key_id"] for key in made["keys"] if key["kind"] == "client")
    expect_ok(app.operator("DELETE", f"{app.console}/keys/{first_id}"))
    assert_refused(send(app, "GET", BOARD, make(app)), "signature mismatch")
    expect_ok(send(app, "GET", BOARD, make(app, key=second["secret"])))
