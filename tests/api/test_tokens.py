"""Hostile tokens: every one is refused with the seed's body, and none is believed by accident."""

import base64
import json
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from callboard import b64url, compact_json, expect_ok, jws_signature, jwt

BOARD = "/bp/server/user/u/bulletin_board"
PRIVATE_KEYS = {
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}


def pem_of(private_key) -> str:
    return private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def jwk_of(private_key) -> dict:
    public = private_key.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        point = public.public_numbers()
        x, y = (b64url(value.to_bytes(32, "big")) for value in (point.x, point.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        return {"kty": "RSA", "e": "AQAB", "n": b64url(numbers.n.to_bytes(256, "big"))}
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": b64url(raw)}


def claims_of(app, **changes) -> dict:
    """Good claims of a backend; a change to None removes one."""
    values = {"iss": app.app_id, "aud": "callboard", "exp": int(time.time()) + 600} | changes
    return {name: value for name, value in values.items() if value is not None}


def ask(app, token):
    return app.call("nobody", "GET", BOARD, headers={"X-BytePower-Auth-Token": token})


def assert_refused(response):
    assert response.status == 400, response
    error = response.json()["error"]
    assert error["error_type"] == "auth_failed", response
    assert error["message"].startswith("auth_failed(jwt token is "), response
    assert "details" not in error, response


def with_header(app, **header) -> str:
    return jwt(claims_of(app), app.server_key, header=header)


def altered_signature(token: str) -> str:
    head, claims, signature = token.split(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
    raw[5] ^= 1
    return f"{head}.{claims}.{b64url(bytes(raw))}"


def altered_claims(token: str, **changes) -> str:
    head, claims, signature = token.split(".")
    values = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))) | changes
    return f"{head}.{b64url(compact_json(values))}.{signature}"


def none_token(app, name) -> str:
    return b64url(compact_json({"alg": name, "typ": "JWT"})) + "." + b64url(
        compact_json(claims_of(app))) + "."


now = time.time
good = lambda app: jwt(claims_of(app), app.server_key)
HOSTILE = {
    "nonsense": lambda app: "nonsense",
    "dots": lambda app: "..",
    "one dot": lambda app: "a.b",
    "four parts": lambda app: good(app) + ".x",
    "no signature": lambda app: good(app).rsplit(".", 1)[0] + ".",
    "signature missing": lambda app: good(app).rsplit(".", 1)[0],
    "half a signature": lambda app: good(app)[:-20],
    "altered signature": lambda app: altered_signature(good(app)),
    "longer signature": lambda app: good(app) + "AAAA",
    "padded base64": lambda app: good(app) + "=",
    "standard alphabet": lambda app: good(app)[:-2] + "+/",
    "altered claims": lambda app: altered_claims(good(app), iss="demo"),
    "none": lambda app: none_token(app, "none"),
    "None": lambda app: none_token(app, "None"),
    "nOnE": lambda app: none_token(app, "nOnE"),
    "empty alg": lambda app: none_token(app, ""),
    "no alg": lambda app: jwt(claims_of(app), app.server_key, header=b'{"typ":"JWT"}'),
    "alg as a list": lambda app: jwt(claims_of(app), app.server_key, header=b'{"alg":["HS256"]}'),
    "lower-case alg": lambda app: with_header(app, alg="hs256"),
    "HS512": lambda app: jwt(claims_of(app), app.server_key, "HS512"),
    "HS384": lambda app: jwt(claims_of(app), app.server_key, "HS384"),
    "RS256 in name only": lambda app: with_header(app, alg="RS256"),
    "another key": lambda app: jwt(claims_of(app), "not the key"),
    "an empty key": lambda app: jwt(claims_of(app), ""),
    "the client key": lambda app: jwt(claims_of(app), app.client_key),
    "the key's id": lambda app: jwt(claims_of(app), app.server_key_id),
    "unknown kid": lambda app: with_header(app, kid="nothing"),
    "kid is a path": lambda app: with_header(app, kid="../../../../dev/null"),
    "kid is SQL": lambda app: with_header(app, kid="x' UNION SELECT 'secret' --"),
    "kid is a number": lambda app: with_header(app, kid=5),
    "crit": lambda app: with_header(app, crit=["b64"], b64=True),
    "empty crit": lambda app: with_header(app, crit=[]),
    "jku": lambda app: with_header(app, jku="http://127.0.0.1:1/keys"),
    "x5u": lambda app: with_header(app, x5u="http://127.0.0.1:1/cert"),
    "embedded jwk": lambda app: jwt(claims_of(app), PRIVATE_KEYS["ES256"], "ES256",
                                    {"jwk": jwk_of(PRIVATE_KEYS["ES256"])}),
    "header twice": lambda app: jwt(claims_of(app), app.server_key,
                                    header=b'{"alg":"HS256","alg":"none"}'),
    "header is no object": lambda app: jwt(claims_of(app), app.server_key, header=b'"HS256"'),
    "header is no JSON": lambda app: jwt(claims_of(app), app.server_key, header=b"{"),
    "claims are no object": lambda app: jwt(b"[]", app.server_key),
    "claims are no JSON": lambda app: jwt(b"{", app.server_key),
    "claims twice": lambda app: jwt(compact_json(claims_of(app))[:-1] + b',"iss":"demo"}',
                                    app.server_key),
    "not UTF-8": lambda app: jwt(b'{"iss":"\xff\xfe"}', app.server_key),
    "expired": lambda app: jwt(claims_of(app, exp=int(now()) - 60), app.server_key),
    "exp of zero": lambda app: jwt(claims_of(app, exp=0), app.server_key),
    "exp below zero": lambda app: jwt(claims_of(app, exp=-1), app.server_key),
    "exp as text": lambda app: jwt(claims_of(app, exp=str(int(now()) + 60)), app.server_key),
    "exp beyond numbers": lambda app: jwt(claims_of(app, exp=1e300), app.server_key),
    "no exp": lambda app: jwt(claims_of(app, exp=None), app.server_key),
    "exp too far ahead": lambda app: jwt(claims_of(app, exp=int(now()) + 7200), app.server_key),
    "no aud": lambda app: jwt(claims_of(app, aud=None), app.server_key),
    "another aud": lambda app: jwt(claims_of(app, aud="other"), app.server_key),
    "aud with a suffix": lambda app: jwt(claims_of(app, aud="callboard2"), app.server_key),
    "no iss": lambda app: jwt(claims_of(app, iss=None), app.server_key),
    "another app": lambda app: jwt(claims_of(app, iss="demo"), app.server_key),
    "an unknown app": lambda app: jwt(claims_of(app, iss="nothing"), app.server_key),
    "iss is a list": lambda app: jwt(claims_of(app, iss=[app.app_id]), app.server_key),
    "a session token": lambda app: app.session("u"),
    "an API token": lambda app: app.api_token,
    "very deep": lambda app: jwt(b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}", app.server_key),
}


@pytest.fixture(scope="module")
def one_app(demo):
    return demo.create_sibling("tokens")


@pytest.mark.parametrize("name", HOSTILE)
def test_backend_refuses(one_app, name):
    assert_refused(ask(one_app, HOSTILE[name](one_app)))


def test_backend_accepts_a_good_token(one_app):
    expect_ok(ask(one_app, good(one_app)))
    expect_ok(ask(one_app, with_header(one_app, kid=one_app.server_key_id)))


def test_an_expired_token_says_so(one_app):
    response = ask(one_app, HOSTILE["expired"](one_app))
    assert response.text == ('{"error":{"message":"auth_failed(jwt token is expired)",'
                             '"error_type":"auth_failed"}}')


@pytest.mark.parametrize("name", HOSTILE)
def test_session_refuses(one_app, name):
    """The same tokens where a session token belongs, under a good signature over them."""
    token = HOSTILE[name](one_app) if name != "a session token" else good(one_app)
    headers = one_app.signed_headers("GET", "/bp/bulletin_board", token)
    assert_refused(one_app.call("nobody", "GET", "/bp/bulletin_board", headers=headers))


def test_session_of_another_app(demo, one_app):
    """A session token belongs to its app: neither key of the two makes it valid elsewhere."""
    token = one_app.session("u")
    headers = demo.signed_headers("GET", "/bp/bulletin_board", token)
    response = demo.call("nobody", "GET", "/bp/bulletin_board", headers=headers)
    assert response.status == 400, response


def test_altered_session(one_app):
    token = one_app.session("u")
    for forged in (altered_claims(token, sub="v"), altered_signature(token),
                   altered_claims(token, exp=int(now()) + 10**8), token[:-1], token + "A"):
        headers = one_app.signed_headers("GET", "/bp/bulletin_board", forged)
        assert_refused(one_app.call("nobody", "GET", "/bp/bulletin_board", headers=headers))


@pytest.mark.parametrize("shape", ["pem", "jwk"])
@pytest.mark.parametrize("algorithm", PRIVATE_KEYS)
def test_registered_public_keys(one_app, algorithm, shape):
    """Each accepts its own algorithm only; its public text is not an HMAC secret."""
    private_key = PRIVATE_KEYS[algorithm]
    public_key = pem_of(private_key) if shape == "pem" else json.dumps(jwk_of(private_key))
    made = expect_ok(one_app.operator("POST", f"{one_app.console}/keys", {
        "kind": "server", "alg": algorithm, "public_key": public_key}))
    kid = {"kid": made["key_id"]}
    claims = claims_of(one_app)
    assert "secret" not in made
    expect_ok(ask(one_app, jwt(claims, private_key, algorithm, kid)))
    expect_ok(ask(one_app, jwt(claims, private_key, algorithm)))  # kid is optional
    for secret in (pem_of(private_key), pem_of(private_key).strip(), public_key):
        assert_refused(ask(one_app, jwt(claims, secret, "HS256", kid)))
        assert_refused(ask(one_app, jwt(claims, secret, "HS256")))
    assert_refused(ask(one_app, jwt(claims, one_app.server_key, "HS256", kid)))
    stranger = {"RS256": "ES256", "ES256": "EdDSA", "EdDSA": "RS256"}[algorithm]
    assert_refused(ask(one_app, jwt(claims, PRIVATE_KEYS[stranger], stranger, kid)))
    assert_refused(ask(one_app, altered_signature(jwt(claims, private_key, algorithm, kid))))
    expect_ok(one_app.operator("DELETE", f"{one_app.console}/keys/{made['key_id']}"))
    assert_refused(ask(one_app, jwt(claims, private_key, algorithm, kid)))


def test_es256_in_der_is_refused(one_app):
    """JWS wants r and s side by side (RFC 7518 §3.4), not OpenSSL's DER."""
    from cryptography.hazmat.primitives import hashes
    private_key = PRIVATE_KEYS["ES256"]
    made = expect_ok(one_app.operator("POST", f"{one_app.console}/keys", {
        "kind": "server", "alg": "ES256", "public_key": pem_of(private_key)}))
    text = jwt(claims_of(one_app), private_key, "ES256").rsplit(".", 1)[0]
    signature = private_key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
    assert_refused(ask(one_app, f"{text}.{b64url(signature)}"))
    assert len(jws_signature("ES256", private_key, b"x")) == 64
    expect_ok(one_app.operator("DELETE", f"{one_app.console}/keys/{made['key_id']}"))


def test_expired_api_token(one_app):
    target = f"{one_app.console}/bulletin_board"
    for ahead, status in ((60, 200), (-1, 401)):
        token = one_app.make_token("viewer", now() + ahead)
        assert one_app.call(f"token:{token}", "GET", target).status == status


def test_server_key_rotation(demo):
    """Two live keys overlap; a deleted one is refused at once."""
    app = demo.create_sibling("rotation")
    second = expect_ok(app.operator("POST", f"{app.console}/keys", {"kind": "server"}))
    first_token, second_token = good(app), jwt(claims_of(app), second["secret"])
    for token in (first_token, second_token):
        expect_ok(ask(app, token))
    expect_ok(app.operator("DELETE", f"{app.console}/keys/{app.server_key_id}"))
    assert_refused(ask(app, first_token))
    expect_ok(ask(app, second_token))
