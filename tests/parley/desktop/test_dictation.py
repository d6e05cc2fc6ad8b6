"""What is typed next."""

import pytest

from parley.desktop.dictation import REMEMBERED, Dictation, has_spaces, typable
from tests.parley.desktop.samples import said


def test_a_clause_is_typed_once_when_it_is_final() -> None:
    """Never before, never again, and never what it becomes later."""
    dictation = Dictation()
    told = [said("ho", final=False), said("hola"), said("hola"), said("hola!")]
    assert [dictation.take(each) for each in told] == ["", "hola", "", ""]


def test_there_is_a_space_between_two() -> None:
    """Not before the first, and not before what closes one."""
    dictation = Dictation()
    told = [said("uno"), said("dos", clause=1), said(", tres", clause=2), said("", clause=3), said(" ", clause=4)]
    assert "".join(dictation.take(each) for each in told) == "uno dos, tres"


def test_languages_without_spaces_get_none() -> None:
    """Whatever their script or region."""
    dictation = Dictation()
    told = [said("今日は", language="ja"), said("いい天気", clause=1, language="ja-JP")]
    assert "".join(dictation.take(each) for each in told) == "今日はいい天気"
    assert [has_spaces(tag) for tag in ("zh-Hant-TW", "TH", "ko", "es-419")] == [False, False, True, True]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("rm -rf\n", "rm -rf"),
        ("a\tb\r\nc\x1bd", "a b c d"),
        ("line\u2028para\u2029", "line para"),
        ("\ud800x", "x"),
        ("ñ 漢字 👩\u200d👧", "ñ 漢字 👩\u200d👧"),
    ],
)
def test_nothing_is_typed_that_presses_a_key(text: str, typed: str) -> None:
    """A line feed would send a message, a tab would leave the field; all that is written stays."""
    assert typable(text) == typed


def test_it_remembers_a_bounded_number() -> None:
    """The oldest is forgotten."""
    dictation = Dictation()
    for number in range(REMEMBERED + 1):
        dictation.take(said("x", clause=number))
    assert dictation.take(said("x", clause=1)) == ""
    assert dictation.take(said("x", clause=0)) == " x"
