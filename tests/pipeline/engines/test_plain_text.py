"""What of a clause is text."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.plain_text import plain


@given(st.text(st.characters()))
def test_any_text_becomes_one_line_that_can_be_sent(text: str) -> None:
    """Single blanks, no control characters, and UTF-8 can write it; what is plain stays."""
    line = plain(text)
    assert line == " ".join(line.split())
    assert line.isprintable() or not any(ord(character) < 32 for character in line)
    line.encode()
    assert plain(line) == line


def test_words_stay() -> None:
    """Only what is no text goes."""
    assert plain(" Grüße,\n\x00 \ud800 世界  👋 \x1b[1m") == "Grüße, 世界 👋 [1m"
