from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.transcriber import Word
from pipeline.engines.word_times import in_order, spread

times = st.integers(-100, 5_000)
words = st.lists(st.builds(Word, st.just("w"), times, times), max_size=8)


def test_words_get_their_shares_by_length() -> None:
    """The longer the word, the more of the sound."""
    assert spread(["a", "bcd"], 1_000, 1_600) == (Word("a", 1_000, 1_200), Word("bcd", 1_200, 1_600))


def test_no_words_need_no_time() -> None:
    """Nothing was said."""
    assert spread([], 0, 1_000) == ()


@given(st.lists(st.text(max_size=9), max_size=9), times, times)
def test_shares_touch_and_never_overlap(texts: list[str], start_ms: int, end_ms: int) -> None:
    """Even where there is less time than words."""
    placed = spread(texts, start_ms, end_ms)
    assert [word.text for word in placed] == texts
    assert all(word.start_ms <= word.end_ms for word in placed)
    assert all(a.end_ms == b.start_ms for a, b in pairwise(placed))


@given(words, st.integers(0, 500), st.none() | st.integers(1_000, 5_000))
def test_any_times_are_put_in_order(heard: list[Word], since_ms: int, until_ms: int | None) -> None:
    """Each word lasts, begins where the one ahead of it ended or later, and behind what was settled."""
    ordered = in_order(heard, since_ms, until_ms)
    assert len(ordered) == len(heard)
    assert all(word.start_ms < word.end_ms for word in ordered)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(ordered))
    assert all(word.start_ms >= since_ms for word in ordered)


def test_times_in_order_stay_as_they_are() -> None:
    """Confidence too."""
    heard = (Word("a", 100, 200, 0.5), Word("b", 200, 300))
    assert in_order(heard, until_ms=300) == heard


def test_what_ends_behind_the_sound_ends_with_it() -> None:
    """An engine that counts padding as sound."""
    assert in_order([Word("a", 100, 900)], until_ms=500) == (Word("a", 100, 500),)
