"""How much of what was shown had to be taken back."""

import pytest

from tests.support.erasure import common, normalised_erasure


def words(*texts: str) -> list[list[str]]:
    return [text.split() for text in texts]


@pytest.mark.parametrize(
    ("shown", "erasure"),
    [
        (words("the", "the cat", "the cat sat"), 0.0),
        (words("a", "the", "the cat"), 0.5),
        (words("the cat sat on", "the dog sat on"), 0.75),
        (words("the cat sat", "the cat", "the cat sat"), 1 / 3),
        ([], 0.0),
    ],
)
def test_what_was_taken_back_counts_for_each_word_that_stayed(shown: list[list[str]], erasure: float) -> None:
    """Text that only grows has none; a word that changes takes what stands behind it along."""
    assert normalised_erasure([shown]) == pytest.approx(erasure)


def test_utterances_are_added_up() -> None:
    """A long one counts more than a short one."""
    assert normalised_erasure([words("a", "b"), words("c d e")]) == 0.25


def test_the_common_beginning_is_counted() -> None:
    """Up to the first difference."""
    assert common(["a", "b", "c"], ["a", "b", "x"]) == 2
    assert common([], ["a"]) == 0
