"""The most probable way to cut a text."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.ct2.unigram import cut_unigram

SCORES = {"a": -3.0, "b": -3.0, "ab": -4.0, "ba": -4.5, "aba": -5.0, "bb": -5.9, "c": -2.0}


def every_way(text: str) -> list[list[str]]:
    if not text:
        return [[]]
    heads = [text[:size] for size in range(1, 4) if text[:size] in SCORES or size == 1]
    return [[head, *rest] for head in dict.fromkeys(heads) for rest in every_way(text[len(head) :])]


@given(st.text("abcx", max_size=8))
def test_no_other_way_is_more_probable(text: str) -> None:
    """Tried against all ways."""

    def total(way: list[str]) -> float:
        return sum(SCORES.get(piece, -16.0) for piece in way)

    cut = cut_unigram(text, SCORES, 3, -16.0)
    assert "".join(piece for piece, _ in cut) == text
    assert total([piece for piece, _ in cut]) == max(map(total, every_way(text)), default=0.0)
    assert all(known == (piece in SCORES) for piece, known in cut)
