"""The outer form of a token, before anything in it is believed."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.identity.compact import Header, fingerprint, read_header, strict_json
from signaling.identity.token_error import TokenError
from tests.signaling.identity.bad_tokens import HEADERS, SHAPES, Bad
from tests.signaling.identity.signers import SECRET, forged, signed


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ({"alg": "HS256", "typ": "JWT"}, Header("HS256", None)),
        ({"alg": "HS256", "kid": "2026-11"}, Header("HS256", "2026-11")),
        ({"alg": "RS256", "typ": "at+JWT", "kid": "a/b".replace("/", "_")}, Header("RS256", "a_b")),
        ({"alg": "ES256", "kid": "NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg=="}, None),
    ],
)
def test_a_header_says_which_keys_to_try(header: dict[str, str], read: Header | None) -> None:
    """Algorithm and key's name, and nothing else."""
    assert read_header(forged(header)) == (read or Header("ES256", header["kid"]))


# Among those whose form is good, a signature that is not.
FORMS = {name: bad for name, bad in {**SHAPES, **HEADERS}.items() if bad.why in ("malformed", "missing")}


@pytest.mark.parametrize(
    "bad",
    [
        bad
        for name, bad in FORMS.items()
        if name not in ("a token as the claims", "another spelling of the same signature")
    ],
)
def test_what_we_would_never_take_is_refused_by_its_form(bad: Bad) -> None:
    """Without a look at any key."""
    with pytest.raises(TokenError) as refused:
        read_header(bad.token)
    assert refused.value.reason == bad.why


@settings(max_examples=40)
@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}")))
def test_nothing_else_is_raised(text: str) -> None:
    """Whatever comes is a header or a refusal."""
    with contextlib.suppress(TokenError):
        read_header(text)


@pytest.mark.parametrize(
    "text", [b'{"a": 1, "a": 1}', b'{"a": {"b": 1, "b": 2}}', b"[]", b"1", b"{", b'{"a": NaN}', b""]
)
def test_json_that_two_could_read_differently_is_refused(text: bytes) -> None:
    """One object, no member twice, numbers as JSON has them."""
    with pytest.raises(TokenError):
        strict_json(text)


def test_a_fingerprint_is_of_what_was_signed() -> None:
    """ECDSA has two signatures for the same; the name is one, and tells nothing about the token."""
    token = signed(SECRET, jti="x")
    body = token.rpartition(".")[0]
    assert fingerprint(token) == fingerprint(f"{body}.another")
    assert fingerprint(token) != fingerprint(signed(SECRET, jti="y"))
    assert len(fingerprint(token)) == 42
