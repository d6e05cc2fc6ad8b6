"""Every voice equally loud."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.engines.leveller import (
    FIRST_S,
    KNOWN_S,
    MOST_DB,
    TARGET_LUFS,
    VOICES,
    Level,
    Leveller,
    Levels,
)
from tests.support.loudness import SILENCE, measured_lufs
from tests.support.recordings import Recording

Samples = NDArray[np.int16]

RATE = 48_000
WITHIN_LU = 2.0


def full_scale(wave: NDArray[np.float64]) -> Samples:
    samples: Samples = np.clip(wave, -32_768, 32_767).astype(np.int16)
    return samples


def tone(dbfs: float, seconds: float = 2.0, hertz: float = 220.0) -> Samples:
    """Make a sine of this effective level."""
    wave = np.sqrt(2.0) * np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE)
    return full_scale(np.rint(32_767 * 10 ** (dbfs / 20) * wave))


def noise(dbfs: float, seconds: float = 2.0) -> Samples:
    wave = np.random.default_rng(1).standard_normal(int(RATE * seconds))
    return full_scale(32_767 * 10 ** (dbfs / 20) * wave)


def speech(recording: Recording, dbfs: float) -> Samples:
    at = np.arange(len(recording.samples) * 3) / 3
    wave = np.interp(at, np.arange(len(recording.samples)), recording.samples)
    loud = wave[np.abs(wave) > 300]
    return full_scale(wave * 32_767 * 10 ** (dbfs / 20) / np.sqrt(np.mean(loud**2)))


def levelled(samples: Samples, known: Level | None = None, step: int = 4_800) -> Samples:
    leveller, pcm = Leveller(RATE, known), samples.tobytes()
    out = b"".join(leveller.push(pcm[at : at + 2 * step]) for at in range(0, len(pcm), 2 * step))
    return np.frombuffer(out + leveller.finish(), "<i2")


@pytest.mark.parametrize("dbfs", [-40, -20, -6])
def test_the_first_clause_of_anything_comes_out_at_the_target(dbfs: float, recordings: tuple[Recording, ...]) -> None:
    """Tones, noise and five people's speech, quiet or far too loud, when nothing is known of them."""
    for sound in (tone(dbfs), noise(dbfs), *(speech(each, dbfs) for each in recordings)):
        assert measured_lufs(levelled(sound)) == pytest.approx(TARGET_LUFS, abs=WITHIN_LU)


def test_a_known_voice_is_right_from_its_first_sample(recordings: tuple[Recording, ...]) -> None:
    """Nothing is held back but for the limiter's few milliseconds, and the gain hardly moves."""
    sound = tone(-35)
    leveller = Leveller(RATE, Level(measured_lufs(sound), KNOWN_S))
    first = np.frombuffer(leveller.push(sound[:960].tobytes()), "<i2")
    assert len(first) > 700
    assert np.abs(first.astype(int)).max() == pytest.approx(32_767 * 10 ** ((TARGET_LUFS + 3) / 20), rel=0.15)
    for recording in recordings:
        spoken = speech(recording, -30)
        known = levelled(spoken, Level(measured_lufs(spoken), KNOWN_S))
        assert measured_lufs(known) == pytest.approx(TARGET_LUFS, abs=1.0)


def test_a_voice_that_is_not_as_it_was_is_believed() -> None:
    """Somebody who was remembered as loud and now is quiet is heard all the same."""
    sound = tone(-40, 6.0)
    assert measured_lufs(levelled(sound, Level(-15.0, KNOWN_S))[3 * RATE :]) == pytest.approx(TARGET_LUFS, abs=1.0)


def test_the_gain_is_bounded() -> None:
    """What is hardly there stays hardly there."""
    faint = tone(-62, 3.0)
    assert measured_lufs(levelled(faint)) <= measured_lufs(faint) + MOST_DB + 0.5
    assert measured_lufs(levelled(faint)) < TARGET_LUFS - 5


def test_silence_stays_silence_and_is_not_held_back() -> None:
    """Nothing is kept of it, however long it is."""
    leveller = Leveller(RATE)
    out = leveller.push(bytes(20 * RATE))
    assert len(out) > 19 * RATE
    assert measured_lufs(np.frombuffer(out, "<i2")) == SILENCE
    assert leveller.level is None


def test_nothing_is_clipped_or_lost(recording: Recording) -> None:
    """As many samples come out as go in, none of them at full scale."""
    loud = np.clip(speech(recording, -6).astype(int) * 2, -32_768, 32_767).astype(np.int16)
    out = levelled(loud)
    assert len(out) == len(loud)
    assert np.abs(out.astype(int)).max() < 30_000


@pytest.mark.parametrize("known", [None, Level(-30.0, KNOWN_S)])
def test_no_change_of_gain_makes_a_click(known: Level | None) -> None:
    """Where levels leap by 25 dB, up or down, the gain goes from sample to sample in steps of less than 0.2 dB."""
    # No whole number of waves in a hop, where gains change.
    for hertz in (73.3, 221.7):
        quiet, loud = tone(-38, 1.0, hertz), tone(-13, 1.0, hertz)
        for sound in (np.concatenate((quiet, loud)), np.concatenate((loud, quiet))):
            out = levelled(sound, known, step=777)
            # Elsewhere rounding to 16 bits hides the gain.
            clear = (np.abs(sound) > 150) & (np.abs(out) > 300)
            gains = np.where(clear, out / np.where(clear, sound, 1), np.nan)
            steps = np.abs(20 * np.log10(gains[1:] / gains[:-1]))
            assert np.nanmax(steps) < 0.2


@settings(max_examples=30)
@given(st.lists(st.integers(1, 9_000), min_size=1, max_size=8), st.booleans())
def test_cutting_the_stream_differently_changes_nothing(cuts: list[int], known: bool) -> None:
    """Pieces of any length, odd ones as well, give the same samples."""
    sound = np.concatenate((np.zeros(3_000, np.int16), tone(-30, 0.5), tone(-12, 0.3)))
    level = Level(-28.0, KNOWN_S) if known else None
    leveller, pcm, out = Leveller(RATE, level), sound.tobytes(), b""
    for length in cuts:
        out += leveller.push(pcm[:length])
        pcm = pcm[length:]
    out += leveller.push(pcm) + leveller.finish()
    assert np.abs(np.frombuffer(out, "<i2").astype(int) - levelled(sound, level)).max() <= 1


def test_a_stranger_waits_for_a_moment_only_if_nobody_was_heard_yet() -> None:
    """The engine's other voices tell enough to begin at once."""
    levels, sound = Levels(), tone(-30, 1.0)
    assert not Leveller(RATE, levels.of("anna")).push(sound[: int((FIRST_S - 0.1) * RATE)].tobytes())
    levels.note("anna", Level(measured_lufs(sound), 1.0))
    assert Leveller(RATE, levels.of("ben")).push(sound[:960].tobytes())


def test_levels_are_remembered_by_voice() -> None:
    """Each its own; later clauses move it, silent ones do not."""
    levels = Levels()
    assert levels.of("anna") is None
    levels.note("anna", Level(-30.0, 3.0))
    levels.note("ben", Level(-10.0, 3.0))
    levels.note("anna", None)
    anna, ben, other = levels.of("anna"), levels.of("ben"), levels.of("carla")
    assert anna
    assert ben
    assert other
    assert (anna.lufs, ben.lufs, other.lufs) == pytest.approx((-30, -10, -20))
    assert other.weight_s < anna.weight_s
    levels.note("anna", Level(-20.0, 3.0))
    assert levels.of("anna") == Level(-25.0, KNOWN_S)


def test_only_so_many_voices_are_remembered() -> None:
    """The one that was silent for longest is a stranger again."""
    levels = Levels()
    for number in range(VOICES + 1):
        levels.note(number, Level(-30.0, 1.0))
    first, last = levels.of(0), levels.of(VOICES)
    assert first
    assert last
    assert first.weight_s < last.weight_s


def test_levelling_costs_little(recording: Recording) -> None:
    """Under 3 % of a core; about 0.4 % on an idle machine."""
    sound = speech(recording, -30)
    began = time.thread_time()
    levelled(sound, step=RATE // 5)
    assert time.thread_time() - began < 0.03 * len(sound) / RATE
