"""Which captions are shown when."""

from parley.desktop.lines import KEPT, Line, Lines
from tests.parley.desktop.samples import said


def texts(lines: Lines, now: float = 0.0) -> list[str]:
    return [line.text for line in lines.shown(now)]


def test_a_caption_takes_the_place_of_an_earlier_one() -> None:
    """Interim text grows where it is, until it is final."""
    lines = Lines()
    lines.put(said("ho", final=False, at_ms=1), 0)
    lines.put(said("and", clause=1, final=False, at_ms=2), 0)
    lines.put(said("hola", at_ms=9), 0)
    assert lines.shown(0) == [Line("hola", "", "", True), Line("and", "", "", False)]


def test_one_without_text_takes_it_away() -> None:
    """Nothing was said there after all."""
    lines = Lines()
    lines.put(said("ho", final=False), 0)
    lines.put(said(" "), 0)
    assert texts(lines) == []


def test_only_the_last_ones_are_shown() -> None:
    """In the order in which they were said, also those that come late."""
    lines = Lines(most=2)
    for text, at_ms in (("two", 2), ("three", 3), ("one", 1)):
        lines.put(said(text, clause=at_ms, at_ms=at_ms), 0)
    assert texts(lines) == ["two", "three"]


def test_a_line_leaves_some_time_after_its_last_change() -> None:
    """And says when."""
    lines = Lines(linger_s=10)
    assert lines.changes_in(0) is None
    lines.put(said("ho", final=False), 0)
    lines.put(said("hola"), 4)
    assert texts(lines, 13.9) == ["hola"]
    assert lines.changes_in(5) == 9
    assert texts(lines, 14) == []


def test_what_comes_again_is_no_news() -> None:
    """After a broken connection the server tells the last ones again: they do not stay longer for it."""
    lines = Lines(linger_s=10)
    lines.put(said("hola"), 0)
    lines.put(said("hola"), 9)
    assert texts(lines, 10) == []


def test_the_original_is_there_if_there_is_one() -> None:
    """What was not translated is shown once."""
    lines = Lines()
    lines.put(said("hola", original="hello"), 0)
    lines.put(said("adiós", clause=1, at_ms=2_000), 0)
    assert [line.original for line in lines.shown(0)] == ["hello", ""]


def test_names_tell_several_speakers_apart() -> None:
    """Where they change; who speaks alone needs none."""
    lines = Lines(most=3)
    lines.put(said("uno", speaker="a", name="Ann", at_ms=1), 0)
    assert [line.name for line in lines.shown(0)] == [""]
    lines.put(said("dos", speaker="b", name="Ben", at_ms=2), 0)
    lines.put(said("tres", speaker="b", name="Ben", clause=1, at_ms=3), 0)
    assert [line.name for line in lines.shown(0)] == ["Ann", "Ben", ""]


def test_it_remembers_a_bounded_number() -> None:
    """The oldest goes."""
    lines = Lines(most=1_000)
    for number in range(KEPT + 5):
        lines.put(said(str(number), clause=number, at_ms=number), 0)
    assert len(texts(lines)) == KEPT
    lines.clear()
    assert texts(lines) == []
