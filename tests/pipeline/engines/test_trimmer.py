"""Cutting the silence from both ends."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.trimmer import FADE_MS, LEAD_MS, LONGEST_PAUSE_MS, QUIET, TAIL_MS, Samples, Trimmer

RATE = 16_000
PER_MS = RATE // 1000


def tone(milliseconds: int) -> Samples:
    wave: Samples = (8_000 * np.sin(np.arange(milliseconds * PER_MS) * 0.3) + 200).astype(np.int16)
    return wave


def quiet(milliseconds: int, level: int = 0) -> Samples:
    return np.full(milliseconds * PER_MS, level, np.int16)


def trimmed(*pieces: Samples, step: int | None = None) -> Samples:
    sound = np.concatenate(pieces)
    trimmer = Trimmer(RATE)
    step = step or len(sound)
    out = [trimmer.push(sound[at : at + step]) for at in range(0, len(sound), step)]
    return np.concatenate([*out, trimmer.finish()])


def test_silence_at_both_ends_goes() -> None:
    """A short lead and tail stay."""
    out = trimmed(quiet(500), tone(300), quiet(400))
    assert len(out) == (LEAD_MS + 300 + TAIL_MS) * PER_MS


def test_noise_below_the_threshold_is_silence() -> None:
    """What nobody hears is cut as well."""
    out = trimmed(quiet(500, QUIET - 1), tone(300), quiet(400, 1 - QUIET))
    assert len(out) == (LEAD_MS + 300 + TAIL_MS) * PER_MS


def test_the_inside_is_untouched() -> None:
    """Between the fades every sample is as it was, pauses included."""
    sound = np.concatenate((tone(200), quiet(150), tone(200)))
    out = trimmed(quiet(100), sound, quiet(100))
    fade, lead = FADE_MS * PER_MS, LEAD_MS * PER_MS
    assert np.array_equal(out[lead + fade : lead + len(sound)], sound[fade:])


def test_a_very_long_pause_is_shortened() -> None:
    """The listener waits no longer than the limit, and no memory grows."""
    for step in (1_000, 100_000):
        out = trimmed(tone(100), quiet(10_000), tone(100), step=step)
        assert len(out) == pytest.approx((200 + LONGEST_PAUSE_MS) * PER_MS, abs=FADE_MS * PER_MS)


def test_both_ends_are_faded() -> None:
    """Sound that begins and ends abruptly starts from nothing and ends there."""
    out = trimmed(tone(100))
    assert out[0] == 0
    assert abs(int(out[-1])) < 200


def test_pure_silence_gives_nothing() -> None:
    """There is nothing to hear."""
    assert not len(trimmed(quiet(1_000), step=160))
    assert not len(Trimmer(RATE).finish())


def test_sound_comes_out_while_it_goes_in() -> None:
    """Only the last few milliseconds are held back."""
    assert len(Trimmer(RATE).push(tone(100))) >= (100 - FADE_MS) * PER_MS - 20


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 120)), max_size=8), st.integers(1, 700))
def test_cutting_the_stream_differently_changes_nothing(pieces: list[tuple[bool, int]], step: int) -> None:
    """The same sound in pieces of any size gives the same result."""
    sound = [tone(length) if loud else quiet(length) for loud, length in pieces]
    assert np.array_equal(trimmed(quiet(1), *sound, step=step), trimmed(quiet(1), *sound))
