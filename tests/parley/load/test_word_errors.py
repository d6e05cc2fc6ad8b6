"""How many words were heard wrongly."""

import pytest

from parley.load.word_errors import NONE, plain, word_errors
from tests.support import similarity


@pytest.mark.parametrize(
    ("said", "heard", "wrong", "words"),
    [
        ("Good morning, how are you today?", "good morning how are you today", 0, 6),
        ("good morning", "good evening", 1, 2),
        ("good morning", "morning", 1, 2),
        ("good morning", "oh good good morning", 2, 2),
        ("good morning", "", 2, 2),
        ("", "good morning", 2, 0),
        ("It’s five o'clock", "it's five o'clock", 0, 3),
        ("¿Cómo estás?", "cómo estás", 0, 2),
        ("नमस्ते दुनिया", "नमस्ते दुनिया", 0, 2),
    ],
)
def test_words_are_counted(said: str, heard: str, wrong: int, words: int) -> None:
    """Those to change, take out or put in; case and punctuation say nothing."""
    assert word_errors(said, heard) == (wrong, words)


def test_it_counts_as_the_benchmarks_do() -> None:
    """On plain words."""
    said, heard = "a b c d e f g", "a c d x f f g h"
    assert word_errors(said, heard) == similarity.word_errors(said, heard)


def test_several_texts_make_one_rate() -> None:
    """Long ones count more; without words there is none."""
    both = word_errors("a b c", "a b x").with_(word_errors("d", "d"))
    assert (both, both.rate) == ((1, 4), 0.25)
    assert NONE.rate is None


def test_words_stand_without_what_is_around_them() -> None:
    """Numbers are words, hyphens part them."""
    assert plain("“Well-known” 42, ‘so’!") == ["well", "known", "42", "so"]
