"""SentencePiece's table of characters that are replaced."""

from pathlib import Path

import pytest

from pipeline.engines.ct2.charsmap import CharsMap
from pipeline.engines.ct2.spm import read_spm

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("abc", "abc"),
        ("ﬁ", "fi"),
        ("ﬁx", "FIX"),
        ("aﬁn½", "afin1⁄2"),
        ("Ａ，\u3000b", "A, b"),
        ("\u200bx", "x"),
        ("👋", "👋"),
    ],
)
def test_the_longest_match_is_replaced(text: str, replaced: str) -> None:
    """And everything else stays."""
    assert CharsMap(read_spm(DATA / "unigram.model").charsmap).replace(text) == replaced


@pytest.mark.parametrize("table", [b"", b"\xff\xff\xff\xff"])
def test_what_is_no_table_is_refused(table: bytes) -> None:
    """At once."""
    with pytest.raises(ValueError, match="no table"):
        CharsMap(table)
