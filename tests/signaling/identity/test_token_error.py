"""Why a token opens nothing, in words."""

from signaling.identity.token_error import TokenError, UnknownKeyError


def test_the_reason_is_told_shortly() -> None:
    """It fits into a close frame, which has 123 bytes for words."""
    assert str(TokenError("expired")) == "token expired"
    assert str(UnknownKeyError("RS256")) == "token signed with an unknown key"
    assert UnknownKeyError("RS256").algorithm == "RS256"
