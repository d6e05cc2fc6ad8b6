"""Words with times that can be relied upon."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.transcriber import Word
from pipeline.engines.whisper.times import SHORTEST_MS, Said, joined, spread


def test_good_times_are_kept() -> None:
    """Moved to where the window is."""
    said = [Said(" we", 0.1, 0.3, 0.9), Said(" went", 0.4, 0.8, 0.8)]
    assert spread(said, start_ms=1_000, end_ms=2_000) == (
        Word("we", 1_100, 1_300, 0.9),
        Word("went", 1_400, 1_800, 0.8),
    )


def test_pieces_without_a_space_between_them_are_one_word() -> None:
    """With the time of both, and the doubt of the more doubtful."""
    said = [Said(" ill", 0.1, 0.3, 0.9), Said("-disposed", 0.3, 0.8, 0.4), Said(" man", 0.8, 1.0, 0.7)]
    assert joined(said) == [Said(" ill-disposed", 0.1, 0.8, 0.4), Said(" man", 0.8, 1.0, 0.7)]


def test_what_is_empty_is_no_word() -> None:
    """Marks that were merged into their neighbours leave such."""
    assert spread([Said("", 0, 1, 1), Said("  ", 0, 1, 1)], start_ms=0, end_ms=1_000) == ()


alignments = st.lists(st.tuples(st.floats(-5, 40), st.floats(-5, 40), st.floats(-1, 2)), max_size=20)


@settings(max_examples=50)
@given(alignments, st.integers(0, 100_000))
def test_whatever_the_alignment_says_words_are_in_order_and_within_the_sound(
    times: list[tuple[float, float, float]], start_ms: int
) -> None:
    """None is lost, and each lasts a moment."""
    end_ms = start_ms + 1_000
    said = [Said(f" w{number}", *each) for number, each in enumerate(times)]
    words = spread(said, start_ms=start_ms, end_ms=end_ms)
    assert [word.text for word in words] == [one.text.strip() for one in said]
    assert all(word.end_ms - word.start_ms >= SHORTEST_MS for word in words)
    assert all(before.end_ms <= word.start_ms for before, word in itertools.pairwise(words))
    assert all(start_ms <= word.start_ms and word.end_ms <= end_ms for word in words)
    assert all(0 <= (word.confidence or 0) <= 1 for word in words)
