"""Texts as engines take them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.spoken_text import sentences, speakable


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        (" hola \n mundo ", "hola mundo"),
        ("[[h@l@U]] you", "h@l@U you"),
        ("a\0b\ud800\x1b[31m", "a b [31m"),
        ("5 €", "5 €"),
        ("", ""),
        ("... — ?!", ""),
        ("\ud800", ""),
    ],
    ids=ascii,
)
def test_only_text_is_spoken(text: str, spoken: str) -> None:
    """Controls, halves of characters and phoneme brackets go; what has neither letter nor digit is nothing to say."""
    assert speakable(text) == spoken


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hola. ¿Qué tal? Bien", ["Hola.", "¿Qué tal?", "Bien"]),
        ("Er sagte: »Komm!« Dann ging er.", ["Er sagte: »Komm!", "Dann ging er."]),
        ("3.14 is pi, e.g. here", ["3.14 is pi, e.g.", "here"]),
        ("今日は晴れです。明日は雨です。", ["今日は晴れです。", "明日は雨です。"]),
        ("यह घर है। वह पेड़ है।", ["यह घर है।", "वह पेड़ है।"]),
        ("Es tarde.Vamos.¿Ya? Made in U.S.A. 3.14", ["Es tarde.", "Vamos.", "¿Ya?", "Made in U.S.A.", "3.14"]),
        ("... !", []),
    ],
)
def test_sentences_are_spoken_one_by_one(text: str, pieces: list[str]) -> None:
    """In scripts that have no blanks between them as well."""
    assert sentences(text, 200) == pieces


def test_a_long_sentence_is_cut_where_it_hurts_least() -> None:
    """Behind a comma, or at a blank, or anywhere."""
    assert sentences("one two, three four five", 14) == ["one two,", "three four", "five"]
    assert sentences("abcdefghij", 4) == ["abcd", "efgh", "ij"]


@given(st.text(alphabet="ab .,!?。", max_size=300), st.integers(1, 40))
def test_no_piece_is_too_long_and_no_word_is_lost(text: str, most: int) -> None:
    """Whatever the text is."""
    pieces = sentences(text, most)
    assert all(0 < len(piece) <= most for piece in pieces)
    letters = [letter for letter in text if letter.isalnum()]
    assert [letter for piece in pieces for letter in piece if letter.isalnum()] == letters
