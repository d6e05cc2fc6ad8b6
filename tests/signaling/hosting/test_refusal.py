"""Why somebody does not come in."""

import pytest

from signaling.hosting import refusal
from signaling.hosting.refusal import Refusal

ALL = [each for each in vars(refusal).values() if isinstance(each, Refusal)]


@pytest.mark.parametrize("each", ALL, ids=[each.reason for each in ALL])
def test_the_words_fit_into_a_close_frame(each: Refusal) -> None:
    """A control frame has at most 125 bytes, two of them the code."""
    assert 10 < len(each.why.encode()) <= 123


def test_each_has_its_own_reason() -> None:
    """By which metrics and events tell them apart."""
    assert len({each.reason for each in ALL}) == len(ALL) > 8
