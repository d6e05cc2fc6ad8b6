"""Which keys a token may have been signed with."""

import pytest

from signaling.identity.compact import Header
from signaling.identity.keys import Key, Keys
from signaling.identity.token_error import UnknownKeyError
from tests.signaling.identity.signers import ec_key, rsa_key

UNNAMED = Key("", "HS256", b"u" * 32, "parley", "parley")
NAMED = Key("new", "HS256", b"n" * 32, "parley", "parley")
RSA = Key("theirs", "RS256", rsa_key().public_key(), "id", "rooms")
EC = Key("theirs", "ES256", ec_key().public_key(), "id", "rooms")
KEYS = Keys((UNNAMED, NAMED, RSA, EC))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (Header("HS256", None), [UNNAMED, NAMED]),
        (Header("HS256", "new"), [NAMED]),
        (Header("RS256", None), [RSA]),
        (Header("RS256", "theirs"), [RSA]),
        (Header("ES256", "theirs"), [EC]),
    ],
)
def test_a_key_is_found_by_algorithm_and_name(header: Header, found: list[Key]) -> None:
    """A public key is never a candidate for HMAC, whatever it is called."""
    assert KEYS.candidates(header) == found


@pytest.mark.parametrize("header", [Header("HS256", "theirs"), Header("HS256", ""), Header("RS256", "new")])
def test_a_key_that_is_not_there(header: Header) -> None:
    """It is said for which algorithm: public keys may be fetched anew."""
    with pytest.raises(UnknownKeyError) as unknown:
        KEYS.candidates(header)
    assert unknown.value.algorithm == header.algorithm


def test_a_key_is_not_shown() -> None:
    """Not even where keys are printed by mistake."""
    assert "nnnn" not in repr(NAMED)
