"""From the decoder's segments to words."""

from typing import NamedTuple

import pytest

from pipeline.engines.sphinx.words import spelling, words
from pipeline.engines.transcriber import Word


class Segment(NamedTuple):
    word: str
    start_frame: int
    end_frame: int


def test_fillers_go_and_times_are_milliseconds() -> None:
    """A frame is 10 ms, and the last one counts."""
    heard = [
        Segment("<s>", 0, 20),
        Segment("the(2)", 21, 30),
        Segment("<sil>", 31, 60),
        Segment("[NOISE]", 61, 70),
        Segment("++BREATH++", 71, 75),
        Segment("house", 76, 120),
        Segment("</s>", 121, 130),
    ]
    assert words(heard) == (Word("the", 210, 310), Word("house", 760, 1210))


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ("i", "I"),
        ("i'm", "I'm"),
        ("i'll(2)", "I'll"),
        ("i(2)", "I"),
        ("in", "in"),
        ("it's", "it's"),
        ("read(3)", "read"),
        ("o'clock", "o'clock"),
    ],
)
def test_words_are_written_as_english_does(entry: str, word: str) -> None:
    """The dictionary's variants are one word, and the pronoun is a capital."""
    assert spelling(entry) == word
