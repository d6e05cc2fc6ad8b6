"""What went wrong, in words, and whether it is tried again."""

import pytest

from parley.client.errors import RefusedError, RejectedError, UnreachableError, closed
from parley.desktop.trouble import trouble_with

URL = "http://p.example"


@pytest.mark.parametrize("code", [1001, 1006, 1011, 1012, 1013, 4404, 4413, 4423, 4425, 4429])
def test_what_may_be_over_soon_is_tried_again(code: int) -> None:
    """With words about what it waits for."""
    trouble = trouble_with(closed(code), URL, renews=True)
    assert trouble.again
    assert len(trouble.words) > 20


@pytest.mark.parametrize("code", [1008, 4001, 4403, 4405, 4409, 4410, 4999])
def test_what_will_not_change_ends_it(code: int) -> None:
    """With words about why."""
    trouble = trouble_with(closed(code, "because"), URL, renews=True)
    assert not trouble.again
    assert len(trouble.words) > 20


def test_a_token_that_has_run_out_is_no_end_for_whoever_gets_new_ones() -> None:
    """An invitation does not renew itself."""
    assert trouble_with(closed(4401), URL, renews=True).again
    assert not trouble_with(closed(4401), URL, renews=False).again


@pytest.mark.parametrize(
    ("status", "words", "again"),
    [
        (403, "invitation", False),
        (401, "PARLEY_API_KEY", False),
        (404, "no Parley at http://p.example", False),
        (400, "no good", False),
        (429, "too much to do", True),
        (503, "too much to do", True),
    ],
)
def test_a_refused_request_says_what_to_do(status: int, words: str, again: bool) -> None:
    """By its status."""
    trouble = trouble_with(RejectedError(status, "no good"), URL, renews=True)
    assert words in trouble.words
    assert trouble.again is again


def test_a_server_that_is_not_there_is_named() -> None:
    """And tried again."""
    trouble = trouble_with(UnreachableError("ws://p.example/ws", "refused"), URL, renews=False)
    assert trouble.again
    assert URL in trouble.words


def test_the_servers_own_words_are_passed_on() -> None:
    """Where there are none of ours."""
    assert "may not read" in trouble_with(closed(1008, "may not read"), URL, renews=False).words
    assert "no such tag" in trouble_with(RefusedError("bad", "no such tag", "join"), URL, renews=False).words
