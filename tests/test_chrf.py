"""chrF, beside what sacrebleu 2.x gives for the same (`sacrebleu.metrics.CHRF()`, whose defaults these are)."""

import pytest

from tests.support.chrf import chrf

PAIRS = [
    ("la casa es roja", "la casa roja"),
    ("hola mundo", "hola, mundo"),
    ("¿Cuánto cuesta?", "¿Cuánto cuesta esto?"),
]


@pytest.mark.parametrize(("pair", "score"), [*zip(PAIRS, (59.4371, 49.4774, 72.0175), strict=True)])
def test_a_sentence_scores_as_in_sacrebleu(pair: tuple[str, str], score: float) -> None:
    """To 4 digits."""
    assert chrf([pair]) == pytest.approx(score, abs=1e-4)


def test_several_sentences_score_as_one_text() -> None:
    """Their counts are added up; it is not the mean of their scores."""
    assert chrf(PAIRS) == pytest.approx(64.0147, abs=1e-4)
    assert chrf([("a", "b"), ("the cat", "the cat sat")]) == pytest.approx(54.5265, abs=1e-4)


def test_the_same_is_100_and_something_else_is_0() -> None:
    """However short; and nothing at all is nothing."""
    assert chrf([("sí", "sí")]) == 100
    assert chrf([("xyz", "abc")]) == 0
    assert chrf([("", "abc")]) == chrf([]) == 0


def test_white_space_does_not_count() -> None:
    """Other languages have none."""
    assert chrf([("a b  c", "ab c")]) == 100
