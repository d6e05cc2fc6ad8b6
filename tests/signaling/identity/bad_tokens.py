"""Tokens that open nothing, each with the reason that is told: what people who mean ill, or who erred, would send."""

import json
import time
from typing import NamedTuple

import jwt

from signaling.identity.settings import TokenSettings
from signaling.settings import SignalingSettings
from tests.signaling.identity.signers import (
    SECRET,
    claims,
    ec_key,
    forged,
    jwk,
    jwk_set,
    part,
    pem,
    rsa_key,
    signed,
    spoilt,
    unsigned,
)

NOW = int(time.time())
OTHER = b"x" * 32
THIRTY_DAYS_S = 30 * 24 * 3600

# What the server of these tests is set to: secrets in rotation, and somebody else's public keys.
SETTINGS = SignalingSettings(
    token_secret=SECRET.decode(), tokens=TokenSettings(secrets=("new:" + "n" * 32, "old:" + "o" * 32))
)
JWKS = jwk_set(jwk(rsa_key(), "rsa-1"), jwk(ec_key(), "ec-1", use="sig", alg="ES256"))

MALFORMED = "malformed"
NOT_OURS = "not signed here"
UNKNOWN_KEY = "signed with an unknown key"
EXPIRED = "expired"
EARLY = "not valid yet"
ELSEWHERE = "of another issuer or for another audience"
OTHER_ROOM = "for another room"
TOO_LONG = "valid for too long"


class Bad(NamedTuple):
    """A token and why it opens nothing."""

    token: str
    why: str


def _rs(key_id: str | None = "rsa-1", **changes: object) -> str:
    return signed(rsa_key(), "RS256", headers={"kid": key_id} if key_id else None, **changes)


def _es(key_id: str | None = "ec-1", **changes: object) -> str:
    return signed(ec_key(), "ES256", headers={"kid": key_id} if key_id else None, **changes)


def _with_header(**header: object) -> str:
    return forged({"alg": "HS256", "typ": "JWT", **header})


def _twice(name: str, value: object) -> bytes:
    """Give good claims in which one stands twice, the good one last."""
    return f"{{{json.dumps(name)}: {json.dumps(value)}, ".encode() + json.dumps(claims()).encode()[1:]


def _respelt(token: str) -> str:
    """Set the bits of the last letter that stand for nothing: 43 letters are 258 bits, of which 256 count."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) | 3]


def _grants(**grants: object) -> str:
    return signed(grants=grants)


SHAPES = {
    "nothing": Bad("", "missing"),
    "not a token": Bad("hello", MALFORMED),
    "two dots": Bad("..", MALFORMED),
    "three empty objects": Bad("e30.e30.e30", MALFORMED),
    "a space": Bad(" ", MALFORMED),
    "a space behind it": Bad(signed() + " ", MALFORMED),
    "a line break behind it": Bad(signed() + "\n", MALFORMED),
    "not ASCII": Bad("ключ.ключ.ключ", MALFORMED),
    "endless": Bad("a" * 100_000, MALFORMED),
    "too long": Bad(signed(filler="a" * 4096), MALFORMED),
    "a cut signature": Bad(signed()[:-3], NOT_OURS),
    "another spelling of the same signature": Bad(_respelt(signed()), MALFORMED),
    "no signature": Bad(signed().rsplit(".", 1)[0] + ".", MALFORMED),
    "two parts": Bad(signed().rsplit(".", 1)[0], MALFORMED),
    "four parts": Bad(signed() + ".e30", MALFORMED),
    "five parts, as encrypted ones have": Bad(f"{part({'alg': 'dir', 'enc': 'A256GCM'})}..e30.e30.e30", MALFORMED),
    "a detached payload": Bad(signed().split(".")[0] + ".." + signed().split(".")[2], MALFORMED),
    "padding": Bad(signed() + "=", MALFORMED),
    "ordinary base64": Bad(signed().replace("-", "+").replace("_", "/") + "+/", MALFORMED),
    "JSON instead": Bad(json.dumps({"payload": part(claims()), "signatures": []}), MALFORMED),
    "a token in a token": Bad(forged({"alg": "HS256", "typ": "JWT", "cty": "JWT"}, signed().encode()), MALFORMED),
    "a token as the claims": Bad(forged({"alg": "HS256", "typ": "JWT"}, signed().encode()), MALFORMED),
    "Bearer before it": Bad("Bearer " + signed(), MALFORMED),
}

HEADERS = {
    "alg none": Bad(unsigned("none"), MALFORMED),
    "alg None": Bad(unsigned("None"), MALFORMED),
    "alg NONE": Bad(unsigned("NONE"), MALFORMED),
    "alg nOnE": Bad(unsigned("nOnE"), MALFORMED),
    "alg none, signed": Bad(forged({"alg": "none", "typ": "JWT"}), MALFORMED),
    "alg none with a space": Bad(forged({"alg": "none ", "typ": "JWT"}), MALFORMED),
    "alg null": Bad(forged({"alg": None}), MALFORMED),
    "alg empty": Bad(forged({"alg": ""}), MALFORMED),
    "alg a list": Bad(forged({"alg": ["HS256"]}), MALFORMED),
    "no alg": Bad(forged({"typ": "JWT"}), MALFORMED),
    "alg in small letters": Bad(forged({"alg": "hs256"}), MALFORMED),
    "unsigned HS256": Bad(unsigned("HS256"), MALFORMED),
    "unsigned RS256": Bad(unsigned("RS256"), MALFORMED),
    "HS512": Bad(signed(SECRET * 2, "HS512"), MALFORMED),
    "PS256": Bad(signed(rsa_key(), "PS256", headers={"kid": "rsa-1"}), MALFORMED),
    "alg twice": Bad(forged(b'{"alg": "none", "alg": "HS256"}'), MALFORMED),
    "header a list": Bad(forged([{"alg": "HS256"}]), MALFORMED),
    "header no JSON": Bad(forged(b"alg: HS256"), MALFORMED),
    "header not UTF-8": Bad(forged(b'{"alg": "HS256", "x": "\xff"}'), MALFORMED),
    "header deeply nested": Bad(forged(b'{"alg":"HS256","x":' + b"[" * 1100 + b"]" * 1100 + b"}"), MALFORMED),
    "typ of something else": Bad(_with_header(typ="dpop+jwt"), MALFORMED),
    "typ no text": Bad(_with_header(typ=7), MALFORMED),
    "crit": Bad(_with_header(crit=["exp"]), MALFORMED),
    "crit empty": Bad(_with_header(crit=[]), MALFORMED),
    "crit b64": Bad(_with_header(crit=["b64"], b64=False), MALFORMED),
    "zip": Bad(_with_header(zip="DEF"), MALFORMED),
    "a key brought along": Bad(
        signed(rsa_key("mine"), "RS256", headers={"jwk": jwk(rsa_key("mine"), "mine"), "kid": "mine"}), MALFORMED
    ),
    "a key to be fetched (jku)": Bad(_with_header(jku="http://127.0.0.1:1/jwks.json"), MALFORMED),
    "a key to be fetched (x5u)": Bad(_with_header(x5u="http://127.0.0.1:1/x.pem"), MALFORMED),
    "a certificate brought along": Bad(_with_header(x5c=["MIIB"]), MALFORMED),
}

KEYS = {
    "another secret": Bad(signed(OTHER), NOT_OURS),
    "a changed header": Bad(spoilt(_with_header(kid="new"), 0), MALFORMED),
    "a changed payload": Bad(spoilt(signed()), NOT_OURS),
    "a changed signature": Bad(spoilt(signed(), 2), NOT_OURS),
    "RSA's public key as the secret": Bad(forged({"alg": "HS256", "kid": "rsa-1"}, key=pem(rsa_key())), UNKNOWN_KEY),
    "the same without naming it": Bad(forged({"alg": "HS256"}, key=pem(rsa_key())), NOT_OURS),
    "the same without its last line break": Bad(forged({"alg": "HS256"}, key=pem(rsa_key()).rstrip()), NOT_OURS),
    "EC's public key as the secret": Bad(forged({"alg": "HS256"}, key=pem(ec_key())), NOT_OURS),
    "the JWK as the secret": Bad(forged({"alg": "HS256"}, key=json.dumps(jwk(rsa_key(), "rsa-1")).encode()), NOT_OURS),
    "an empty secret": Bad(forged({"alg": "HS256"}, key=b""), NOT_OURS),
    "a secret's name as the secret": Bad(forged({"alg": "HS256", "kid": "new"}, key=b"new"), NOT_OURS),
    "HMAC that says RS256": Bad(forged({"alg": "RS256", "kid": "rsa-1"}), NOT_OURS),
    "RSA that says ES256": Bad(part({"alg": "ES256", "kid": "ec-1"}) + "." + _rs().split(".", 1)[1], NOT_OURS),
    "RSA with the EC key's name": Bad(_rs("ec-1"), UNKNOWN_KEY),
    "another RSA key": Bad(signed(rsa_key("mine"), "RS256", headers={"kid": "rsa-1"}), NOT_OURS),
    "another RSA key, not named": Bad(signed(rsa_key("mine"), "RS256"), NOT_OURS),
    "another EC key": Bad(signed(ec_key("mine"), "ES256", headers={"kid": "ec-1"}), NOT_OURS),
    "kid unknown": Bad(_with_header(kid="2024"), UNKNOWN_KEY),
    "kid of a public key": Bad(_with_header(kid="rsa-1"), UNKNOWN_KEY),
    "kid of another secret": Bad(forged({"alg": "HS256", "kid": "old"}, key=b"n" * 32), NOT_OURS),
    "kid retired": Bad(forged({"alg": "HS256", "kid": "older"}, key=b"p" * 32), UNKNOWN_KEY),
    "kid a path": Bad(_with_header(kid="../../../../dev/null"), MALFORMED),
    "kid a file": Bad(forged({"alg": "HS256", "kid": "/dev/null"}, key=b""), MALFORMED),
    "kid SQL": Bad(_with_header(kid="x' UNION SELECT 'y"), MALFORMED),
    "kid a command": Bad(_with_header(kid="new|id"), MALFORMED),
    "kid a URL": Bad(_with_header(kid="http://127.0.0.1:1/"), MALFORMED),
    "kid empty": Bad(_with_header(kid=""), MALFORMED),
    "kid null": Bad(_with_header(kid=None), MALFORMED),
    "kid a number": Bad(_with_header(kid=0), MALFORMED),
    "kid a list": Bad(_with_header(kid=["new"]), MALFORMED),
    "kid an object": Bad(_with_header(kid={"new": 1}), MALFORMED),
    "kid long": Bad(_with_header(kid="k" * 129), MALFORMED),
}

TIMES = {
    "expired": Bad(signed(exp=NOW - 3600), EXPIRED),
    "expired by RSA": Bad(_rs(exp=NOW - 3600), EXPIRED),
    "expires in the year dot": Bad(signed(exp=0), EXPIRED),
    "expires before that": Bad(signed(exp=-1), EXPIRED),
    "expiry as words": Bad(signed(exp="tomorrow"), MALFORMED),
    "expiry as digits": Bad(signed(exp=str(NOW + 3600)), MALFORMED),
    "expiry true": Bad(signed(exp=True), EXPIRED),
    "expiry a list": Bad(signed(exp=[NOW + 60]), MALFORMED),
    "expiry infinite": Bad(forged({"alg": "HS256"}, json.dumps(claims(exp=1e999)).encode()), MALFORMED),
    "expiry beyond a number": Bad(
        forged({"alg": "HS256"}, b'{"exp": 1e999, ' + json.dumps(claims(exp=None)).encode()[1:]), MALFORMED
    ),
    "expiry in 600 years": Bad(signed(exp=NOW + 600 * 365 * 24 * 3600), TOO_LONG),
    "expiry after the year 9999": Bad(signed(exp=10**15), MALFORMED),
    "visit of a year": Bad(signed(grants={"endsAt": NOW + 365 * 24 * 3600}), TOO_LONG),
    "visit that is over": Bad(signed(grants={"endsAt": NOW - 60}), EXPIRED),
    "visit that ends as words": Bad(signed(grants={"endsAt": "late"}), MALFORMED),
    "no expiry": Bad(signed(exp=None), MALFORMED),
    "expiry null": Bad(forged({"alg": "HS256"}, {**claims(), "exp": None}), MALFORMED),
    "not yet valid": Bad(signed(nbf=NOW + 3600), EARLY),
    "beginning as words": Bad(signed(nbf="yesterday"), MALFORMED),
    "beginning as digits": Bad(signed(nbf=str(NOW)), MALFORMED),
    "beginning false": Bad(signed(nbf=False), MALFORMED),
    "no beginning": Bad(signed(nbf=None), MALFORMED),
    "issued in the future": Bad(signed(iat=NOW + 3600), EARLY),
    "issued as words": Bad(signed(iat="now"), MALFORMED),
    "issued as digits": Bad(signed(iat=str(NOW)), MALFORMED),
}

CLAIMS = {
    "no subject": Bad(signed(sub=None), MALFORMED),
    "subject empty": Bad(signed(sub=""), MALFORMED),
    "subject with a slash": Bad(signed(sub="a/b"), MALFORMED),
    "subject with a line break": Bad(signed(sub="a\nb"), MALFORMED),
    "subject not ASCII": Bad(signed(sub="ádá"), MALFORMED),
    "subject long": Bad(signed(sub="a" * 65), MALFORMED),
    "subject a number": Bad(forged({"alg": "HS256"}, claims(sub=7)), MALFORMED),
    "another issuer": Bad(signed(iss="somebody"), ELSEWHERE),
    "issuer with a space": Bad(signed(iss="parley "), ELSEWHERE),
    "issuer in capitals": Bad(signed(iss="PARLEY"), ELSEWHERE),
    "issuer a list": Bad(forged({"alg": "HS256"}, claims(iss=["parley"])), ELSEWHERE),
    "no issuer": Bad(signed(iss=None), MALFORMED),
    "another audience": Bad(signed(aud="somebody"), ELSEWHERE),
    "our audience among others": Bad(signed(aud=["parley", "somebody"]), ELSEWHERE),
    "our audience alone in a list": Bad(signed(aud=["parley"]), ELSEWHERE),
    "audience empty": Bad(signed(aud=""), MALFORMED),
    "audience an object": Bad(signed(aud={"parley": True}), ELSEWHERE),
    "no audience": Bad(signed(aud=None), MALFORMED),
    "another room": Bad(signed(room="other"), OTHER_ROOM),
    "room in capitals": Bad(signed(room="Demo"), OTHER_ROOM),
    "every room": Bad(signed(room="*"), MALFORMED),
    "rooms as a list": Bad(signed(room=["demo"]), MALFORMED),
    "room with a line break": Bad(signed(room="demo\n"), MALFORMED),
    "room that looks the same": Bad(signed(room="dеmo"), MALFORMED),
    "room with a zero byte": Bad(signed(room="demo\0"), MALFORMED),
    "room empty": Bad(signed(room=""), MALFORMED),
    "no room": Bad(signed(room=None), MALFORMED),
    "jti a number": Bad(forged({"alg": "HS256"}, claims(jti=7)), MALFORMED),
    "jti empty": Bad(signed(jti=""), MALFORMED),
    "jti long": Bad(signed(jti="j" * 129), MALFORMED),
    "jti with a space": Bad(signed(jti="a b"), MALFORMED),
    "name a list": Bad(signed(name=["Ada"]), MALFORMED),
    "name invisible": Bad(signed(name="\u200b\u202e"), MALFORMED),
    "name endless": Bad(signed(name="a" * 600), MALFORMED),
    "room twice": Bad(forged({"alg": "HS256"}, _twice("room", "other")), MALFORMED),
    "a claim twice inside": Bad(
        forged({"alg": "HS256"}, json.dumps(claims()).encode()[:-1] + b', "grants": {"hidden": 1, "hidden": false}}'),
        MALFORMED,
    ),
    "claims a list": Bad(forged({"alg": "HS256"}, [claims()]), MALFORMED),
    "claims a text": Bad(forged({"alg": "HS256"}, b'"demo"'), MALFORMED),
    "claims no JSON": Bad(forged({"alg": "HS256"}, b"room=demo"), MALFORMED),
    "claims not UTF-8": Bad(forged({"alg": "HS256"}, json.dumps(claims()).encode("utf-16")), MALFORMED),
    "claims with NaN": Bad(forged({"alg": "HS256"}, json.dumps(claims(nbf=float("nan"))).encode()), MALFORMED),
    "claims deeply nested": Bad(forged({"alg": "HS256"}, b"[" * 1400 + b"]" * 1400), MALFORMED),
}

GRANTS = {
    "grants a list": Bad(signed(grants=["roomAdmin"]), MALFORMED),
    "grants a text": Bad(signed(grants="all"), MALFORMED),
    "grants null": Bad(forged({"alg": "HS256"}, {**claims(), "grants": None}), MALFORMED),
    "grant unknown": Bad(_grants(canPublishSources=["microphone"]), MALFORMED),
    "grant in another spelling": Bad(_grants(can_publish=False), MALFORMED),
    "grant as words": Bad(_grants(roomAdmin="true"), MALFORMED),
    "grant as a number": Bad(_grants(canPublish=1), MALFORMED),
    "grant for another room": Bad(_grants(room="other"), MALFORMED),
    "grant without joining": Bad(_grants(roomJoin=False), "does not let in"),
    "languages as a text": Bad(_grants(langs="en"), MALFORMED),
    "spoken by default: nothing": Bad(_grants(speaks="klingon?"), MALFORMED),
    "listened to by default: anything": Bad(_grants(hears="auto"), MALFORMED),
    "languages that are none": Bad(_grants(langs=["klingon?"]), MALFORMED),
    "languages beyond measure": Bad(_grants(langs=["en"] * 65), MALFORMED),
    "origin a number": Bad(_grants(origin=7), MALFORMED),
}

BAD = {**SHAPES, **HEADERS, **KEYS, **TIMES, **CLAIMS, **GRANTS}

GOOD = {
    "by the unnamed secret": signed(),
    "by the secret that signs": signed(b"n" * 32, headers={"kid": "new"}),
    "by the one before": signed(b"o" * 32, headers={"kid": "old"}),
    "by the one before, not named": signed(b"o" * 32),
    "by RSA": _rs(),
    "by RSA, not named": _rs(None),
    "by EC": _es(),
    "by EC, not named": _es(None),
    "as OAuth's access tokens are": signed(headers={"typ": "at+jwt"}),
    "without a type": jwt.encode(claims(), SECRET, headers={"typ": ""}),
    "with an issue date": signed(iat=NOW),
    "with a thumbprint of a certificate": signed(headers={"x5t": "abc"}),
    "with claims of others": signed(email="ada@example.org", azp="app"),
    "with everything granted": _grants(
        room="demo",
        roomJoin=True,
        canPublish=True,
        canSubscribe=True,
        roomAdmin=True,
        hidden=False,
        admitted=True,
        langs=["en", "es-MX"],
        endsAt=NOW + 3600,
    ),
}
