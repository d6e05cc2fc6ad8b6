"""What Whisper is believed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.options.faster_whisper import FasterWhisperOptions
from pipeline.engines.whisper.guards import compression_ratio, is_invented, without_loops
from tests.pipeline.engines.whisper.recorded import RECORDED, Recorded


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.text[:24])
def test_recorded_hypotheses_are_believed_or_not(recorded: Recorded) -> None:
    """Speech passes, inventions do not, by the thresholds that are set unless something else is."""
    assert is_invented(recorded.text, recorded.signs, FasterWhisperOptions(), recorded.prompt) == recorded.why


def test_the_thresholds_can_be_set() -> None:
    """Someone with a bad line may want to believe more."""
    options = FasterWhisperOptions(no_speech_threshold=1.0, log_prob_floor=-10.0, compression_ratio_threshold=100.0)
    assert not any(is_invented(recorded.text, recorded.signs, options) for recorded in RECORDED)


def test_loops_are_cut() -> None:
    """A phrase that comes again and again is kept three times; what comes behind it is kept too."""
    assert without_loops("a b x x x x x x c".split(), 3) == "a b x x x c".split()  # noqa: SIM905
    assert without_loops("so we go we go we go we go we go now".split(), 3) == "so we go we go we go now".split()  # noqa: SIM905
    assert without_loops("no no no".split(), 3) == ["no"] * 3  # noqa: SIM905


@settings(max_examples=50)
@given(st.lists(st.sampled_from("abc"), max_size=40), st.integers(1, 4))
def test_no_loop_is_left_and_nothing_is_added(tokens: list[str], repeats: int) -> None:
    """Of one token or of two; and what is kept stands in the same order."""
    kept = without_loops(tokens, repeats)
    rest = iter(tokens)
    assert all(token in rest for token in kept)
    for length in (1, 2):
        for at in range(len(kept)):
            phrase = kept[at : at + length]
            assert kept[at : at + length * (repeats + 1)] != phrase * (repeats + 1) or len(phrase) < length


@settings(max_examples=50)
@given(st.lists(st.integers(0, 1000), max_size=40, unique=True))
def test_without_a_loop_everything_is_kept(tokens: list[int]) -> None:
    """Nothing else is touched."""
    assert without_loops(tokens, 1) == tokens


def test_the_compression_ratio_is_that_of_whisper() -> None:
    """Length in UTF-8 by length after zlib; an empty text has none."""
    from faster_whisper.transcribe import get_compression_ratio

    text = "to be or not to be, that is the question; " * 3
    assert compression_ratio(text) == get_compression_ratio(text)
    assert compression_ratio("") == 0
