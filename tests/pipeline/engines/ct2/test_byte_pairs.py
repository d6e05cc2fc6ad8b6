"""Byte-pair encoding."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.ct2.byte_pairs import join_pairs

SCORES = {"ab": -1.0, "bc": -2.0, "abc": -3.0, "cc": -0.5, "aa": -4.0, "aaa": -5.0}


def slowly(symbols: list[str]) -> list[str]:
    while True:
        joined = [(SCORES[a + b], -at) for at, (a, b) in enumerate(pairwise(symbols)) if a + b in SCORES]
        if not joined:
            return symbols
        at = -max(joined)[1]
        symbols = [*symbols[:at], symbols[at] + symbols[at + 1], *symbols[at + 2 :]]


@given(st.text("abcd", max_size=30))
def test_it_joins_as_the_plain_definition_does(text: str) -> None:
    """The best pair first, the leftmost of equals."""
    assert join_pairs(text, SCORES, lambda _: False) == slowly(list(text))


def test_what_is_frozen_is_never_joined() -> None:
    """User-defined pieces stay what they are."""
    assert join_pairs(["a", "b", "c", "c"], SCORES, lambda symbol: symbol == "b") == ["a", "b", "cc"]
