"""Which script a character is of, and a language is written in."""

import pytest

from pipeline.engines.scripts import is_letter, letters_of, script_of, script_weight, scripts_of


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "hello"),
        ("vi", "chào"),
        ("ru", "привет"),
        ("sr-Latn", "zdravo"),
        ("sr", "здраво"),
        ("ja", "こんにちはカナ漢"),
        ("zh", "你好"),
        ("zh-Hant", "您好"),
        ("ko", "안녕"),
        ("ar", "مرحبا"),
        ("hi", "नमस्ते"),
        ("th", "สวัสดี"),
    ],
)
def test_a_language_is_written_in_its_script(tag: str, text: str) -> None:
    """Every letter of a word is of one of them."""
    assert set(letters_of(text)) <= set(scripts_of(tag))


def test_what_is_not_known_is_empty() -> None:
    """And not guessed."""
    assert scripts_of("chr") == ()
    assert script_of("\x00") == ""


def test_letters_marks_and_digits_can_be_read_out() -> None:
    """Punctuation and pictures cannot."""
    assert [is_letter(character) for character in "a7é漢ि.,👋 "] == [True] * 5 + [False] * 4


def test_a_chinese_character_says_more_than_a_latin_letter() -> None:
    """So lengths can be compared."""
    assert script_weight("漢") > script_weight("한") > script_weight("か") > script_weight("a") == 1
