"""Cutting a text that is too long."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.ct2.cutting import cut_text


def words(text: str) -> int:
    return len(text.split())


def test_sentences_are_cut_before_words() -> None:
    """At the end that is nearest to the middle."""
    assert cut_text("One two. Three four five six. Seven.", words, 5) == ["One two.", "Three four five six. Seven."]
    assert cut_text("one two three four", words, 2) == ["one two", "three four"]
    assert cut_text("明天见。你好吗？好", len, 5) == ["明天见。", "你好吗？好"]
    assert cut_text("abcdefgh", len, 4) == ["abcd", "efgh"]


@given(st.text(max_size=200), st.integers(1, 20))
def test_nothing_is_lost_and_nothing_is_too_long(text: str, most: int) -> None:
    """But for the blanks at which it is cut."""
    parts = cut_text(text, len, most)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(len(part) <= most for part in parts)
