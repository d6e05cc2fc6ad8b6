"""Errors: a close code says which, and whether to try again."""

import pytest

from parley.client import errors
from parley.client.errors import ClientError, ClosedError, RejectedError, closed


@pytest.mark.parametrize(
    ("code", "kind", "may_retry"),
    [
        (1001, errors.GoingAwayError, True),
        (1006, errors.BrokenError, True),
        (1008, errors.PolicyError, False),
        (1011, errors.ServerFailedError, True),
        (1013, errors.TooSlowError, True),
        (4001, errors.TokenError, False),
        (4401, errors.TokenEndedError, False),
        (4409, errors.ReplacedError, False),
        (4999, ClosedError, False),
    ],
)
def test_a_close_code_says_what_happened(code: int, kind: type[ClosedError], may_retry: bool) -> None:
    """Each code has its class; one that nobody knows is not tried again."""
    error = closed(code, "because")
    assert (type(error), error.code, error.may_retry) == (kind, code, may_retry)
    assert str(error) == f"the server closed the socket with {code}: because"


def test_a_busy_server_may_be_asked_again() -> None:
    """Too many requests and services that are away are not for ever."""
    assert [status for status in (400, 401, 403, 404, 429, 500, 503) if RejectedError(status, "").is_busy] == [429, 503]


def test_there_is_one_tree() -> None:
    """Whoever catches ClientError catches all of them."""
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]
    assert len(kinds) > 12
    assert all(issubclass(kind, ClientError) for kind in kinds)
