"""Tokens: the good one opens its room, everything else opens nothing."""

import base64
import json
import time
from typing import Any

import jwt
import pytest

from signaling.identity.grant import Grant, Identity
from signaling.identity.tokens import SECRET_BYTES, TokenError, Tokens
from signaling.settings import SignalingSettings

SECRET = b"s" * SECRET_BYTES
SETTINGS = SignalingSettings()
ADA = Grant(identity=Identity("p-1", "demo"))


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(SETTINGS, secret=SECRET)


def claims(**changes: object) -> dict[str, Any]:
    """Give good claims with some changed; None takes one away."""
    now = int(time.time())
    good: dict[str, object] = {
        "iss": "parley",
        "aud": "parley",
        "sub": "p-1",
        "room": "demo",
        "nbf": now - 1,
        "exp": now + 60,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(*, key: bytes = SECRET, algorithm: str = "HS256", **changes: object) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm)


def unsigned(header: dict[str, object]) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part(header)}.{part(claims())}."


def spoilt(token: str) -> str:
    """Change one letter of the payload."""
    header, payload, signature = token.split(".")
    return ".".join([header, ("f" if payload[0] == "e" else "e") + payload[1:], signature])


NOW = int(time.time())
BAD = {
    "nothing": "",
    "not a token": "hello",
    "two dots": "..",
    "three empty objects": "e30.e30.e30",
    "a space": " ",
    "not ASCII": "ключ.ключ.ключ",
    "endless": "a" * 100_000,
    "no algorithm": unsigned({"alg": "none", "typ": "JWT"}),
    "no algorithm in capitals": unsigned({"alg": "NONE", "typ": "JWT"}),
    "unsigned HS256": unsigned({"alg": "HS256", "typ": "JWT"}),
    "unsigned RS256": unsigned({"alg": "RS256", "typ": "JWT"}),
    "another HMAC": signed(algorithm="HS512", key=SECRET * 2),
    "another secret": signed(key=b"x" * SECRET_BYTES),
    "a changed payload": spoilt(signed()),
    "a cut signature": signed()[:-4],
    "no signature": signed().rsplit(".", 1)[0] + ".",
    "expired": signed(exp=NOW - 3600),
    "expires in the year dot": signed(exp=0),
    "expiry as text": signed(exp="tomorrow"),
    "no expiry": signed(exp=None),
    "not yet valid": signed(nbf=NOW + 3600),
    "beginning as text": signed(nbf="yesterday"),
    "no beginning": signed(nbf=None),
    "no subject": signed(sub=None),
    "empty subject": signed(sub=""),
    "subject with a slash": signed(sub="a/b"),
    "subject with a line break": signed(sub="a\nb"),
    "long subject": signed(sub="a" * 65),
    "another issuer": signed(iss="somebody"),
    "no issuer": signed(iss=None),
    "another audience": signed(aud="somebody"),
    "our audience among others": signed(aud=["parley", "somebody"]),
    "no audience": signed(aud=None),
    "another room": signed(room="other"),
    "room in another case": signed(room="Demo"),
    "every room": signed(room="*"),
    "rooms as a list": signed(room=["demo"]),
    "room with a line break": signed(room="demo\n"),
    "no room": signed(room=None),
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD.keys())
def test_a_bad_token_opens_nothing(tokens: Tokens, token: str) -> None:
    """Whatever is wrong with a token, it is refused as such, and nothing else is raised."""
    with pytest.raises(TokenError):
        tokens.verify(token, "demo")


def test_its_own_token_opens_the_room(tokens: Tokens) -> None:
    """A token issued for a room and a participant says exactly that."""
    assert tokens.verify(tokens.issue("demo", "p-1"), "demo") == ADA


def test_everybody_gets_an_id_of_their_own(tokens: Tokens) -> None:
    """Two tokens without a name are two participants."""
    assert tokens.verify(tokens.issue("demo"), "demo") != tokens.verify(tokens.issue("demo"), "demo")


def test_two_processes_do_not_trust_each_other() -> None:
    """The secret is random: a token ends with the process that issued it."""
    with pytest.raises(TokenError, match="not signed here"):
        Tokens(SETTINGS).verify(Tokens(SETTINGS).issue("demo"), "demo")


def test_processes_with_the_same_secret_trust_each_other() -> None:
    """What one node issued opens the room on another one, and after a restart."""
    shared = SignalingSettings(token_secret=SECRET.decode())
    assert Tokens(shared).verify(Tokens(shared).issue("demo", "p-1"), "demo") == ADA
    with pytest.raises(TokenError, match="not signed here"):
        Tokens(SETTINGS).verify(Tokens(shared).issue("demo"), "demo")


def test_a_resume_token_is_the_same_participant_for_longer(tokens: Tokens) -> None:
    """With it somebody comes back as themselves, hours later."""
    token = tokens.issue_resume(ADA)
    assert tokens.verify(token, "demo") == ADA
    life = jwt.decode(token, SECRET, algorithms=["HS256"], audience="parley")["exp"] - time.time()
    assert life == pytest.approx(SETTINGS.resume_lifetime_s, abs=5)


def test_clocks_may_differ_a_little(tokens: Tokens) -> None:
    """Within the leeway, expired and not yet valid count as valid."""
    assert tokens.verify(signed(exp=int(time.time()) - 3), "demo")
    assert tokens.verify(signed(nbf=int(time.time()) + 3), "demo")


def test_a_short_secret_is_refused() -> None:
    """HS256 with a key below 256 bits can be guessed (RFC 7518 section 3.2)."""
    with pytest.raises(ValueError, match="32 bytes"):
        Tokens(SETTINGS, secret=b"short")
