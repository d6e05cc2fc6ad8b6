"""How long words have stayed the same."""

from pipeline.engines.transcriber import Word
from pipeline.engines.unchanged import SAME_WORD_MS, noted


def heard(*texts: str, moved_ms: int = 0) -> list[Word]:
    return [Word(text, n * 200 + moved_ms, n * 200 + 200 + moved_ms) for n, text in enumerate(texts)]


def test_what_begins_as_before_keeps_its_place() -> None:
    """From the first word that is another one on, all are new."""
    seen = noted(heard("good", "day", "sir"), [], 500)
    assert [since for _, since in noted(heard("good", "day", "miss", "ann"), seen, 900)] == [500, 500, 900, 900]
    assert [since for _, since in noted(heard("a", "good", "day"), seen, 900)] == [900, 900, 900]


def test_a_word_may_move_a_little() -> None:
    """Its start is a guess; what moves further is another word."""
    seen = noted(heard("good"), [], 500)
    assert noted(heard("good", moved_ms=SAME_WORD_MS), seen, 900)[0][1] == 500
    assert noted(heard("good", moved_ms=SAME_WORD_MS + 1), seen, 900)[0][1] == 900


def test_it_is_the_newest_word_that_is_kept() -> None:
    """With its newest times."""
    seen = noted(heard("good"), [], 500)
    assert noted(heard("good", moved_ms=50), seen, 900) == [(heard("good", moved_ms=50)[0], 500)]
