"""A microphone that hears its own loudspeaker: told apart from who speaks into it."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from media_server.analysis.echo import PATIENCE, EchoGuard
from media_server.analysis.spectrum import Bands, bands_of
from tests.support.recordings import SAMPLE_RATE, recordings

Sound = NDArray[np.float64]
FRAME = 320
LOUD = 0.07


def speech(*numbers: int) -> Sound:
    """Give recordings one behind the other, with pauses of 0.7 s, at -23 dB."""
    pause = np.zeros(int(0.7 * SAMPLE_RATE))
    sound = np.concatenate([part for n in numbers for part in (recordings()[n].samples / 32_768, pause)])
    return np.asarray(sound * LOUD / np.sqrt((sound[np.abs(sound) > 0.005] ** 2).mean()))


def noise(samples: int, dbfs: float = -65.0) -> Sound:
    return np.random.default_rng(1).standard_normal(samples) * 10 ** (dbfs / 20)


def leak(played: Sound, *, db: float = -12.0, delay_s: float = 0.15) -> Sound:
    """Give what of it comes back into the microphone."""
    delay = int(delay_s * SAMPLE_RATE)
    return np.concatenate([np.zeros(delay), played[:-delay]]) * 10 ** (db / 20)


def frames(sound: Sound) -> list[Bands]:
    pcm = (np.clip(sound, -1, 1) * 32_767).astype("<i2")
    return [bands_of(pcm[at : at + FRAME].tobytes()) for at in range(0, len(pcm) // FRAME * FRAME, FRAME)]


def loud(sound: Sound, dbfs: float) -> NDArray[np.bool_]:
    """Say which frames of it are louder."""
    cut = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    return np.asarray(10 * np.log10((cut**2).mean(axis=1) + 1e-12) > dbfs)


def judged(guard: EchoGuard, played: Sound, heard: Sound) -> tuple[NDArray[np.bool_], float | None]:
    """Let the guard judge each frame; give its judgements, and when it knew the echo (seconds)."""
    said, known = [], None
    for number, (mine, theirs) in enumerate(zip(frames(heard), frames(played), strict=True)):
        said.append(guard.is_echo(mine, theirs[None, :]))
        if known is None and guard.knows_echo:
            known = number * 0.02
    return np.array(said), known


def longest(marks: Sequence[bool] | NDArray[np.bool_]) -> float:
    """Give the longest run of true frames in seconds."""
    run = most = 0
    for mark in marks:
        run = run + 1 if mark else 0
        most = max(most, run)
    return most * 0.02


@pytest.mark.parametrize(("db", "delay_s"), [(-12, 0.15), (-6, 0.05), (-20, 0.4), (-12, 0.8)])
def test_an_echo_is_known_within_seconds_and_from_then_on_told(db: float, delay_s: float) -> None:
    """However late and faint it is, no word of it passes."""
    played = speech(0, 1, 2)
    back = leak(played, db=db, delay_s=delay_s)
    guard = EchoGuard()
    said, known = judged(guard, played, back + noise(len(back)))
    assert known is not None
    assert known < 3.5
    assert guard.lag_ms == pytest.approx(delay_s * 1000, abs=40)
    after = np.arange(len(said)) * 0.02 > known + 0.1
    told = said[after & loud(back, -45)]
    assert told.mean() > 0.97
    assert longest(~told) <= 0.06


def test_without_an_echo_nobody_is_held_up() -> None:
    """Somebody who talks while others are heard in their headphones is always themselves."""
    played, own = speech(0, 1, 2), speech(3, 4, 3)
    length = min(len(played), len(own))
    said, known = judged(EchoGuard(), played[:length], own[:length] + noise(length))
    assert known is None
    assert not said.any()


def test_who_talks_over_the_echo_is_heard() -> None:
    """Most frames of their speech are theirs, and they are never taken away for as long as a pause is."""
    played = speech(0, 1, 2, 4)
    back = leak(played)
    own = np.zeros(len(played))
    begin, words = 8 * SAMPLE_RATE, speech(3)
    own[begin : begin + len(words)] = words[: len(own) - begin]
    said, known = judged(EchoGuard(), played, back + own + noise(len(back)))
    assert known is not None
    theirs = said[loud(own, -35)]
    assert theirs.mean() < 0.5
    assert longest(theirs) < 0.25


def test_an_echo_that_is_gone_is_forgotten() -> None:
    """Somebody put headphones on: after a while of hearing others, nothing is taken for an echo."""
    played = speech(0, 1, 2)
    guard = EchoGuard()
    judged(guard, played, leak(played) + noise(len(played)))
    assert guard.knows_echo
    once_more = np.tile(speech(4, 3), PATIENCE // 500 + 1)
    judged(guard, once_more, noise(len(once_more)))
    assert not guard.knows_echo


def test_nothing_is_an_echo_while_nothing_is_played() -> None:
    """What somebody says in the quiet is theirs, whatever was learnt before."""
    played = speech(0, 1)
    guard = EchoGuard()
    judged(guard, played, leak(played) + noise(len(played)))
    assert guard.knows_echo
    own = speech(2)
    rest = 60  # frames after which the last echo has died away
    said, _ = judged(guard, np.zeros(len(own)), own)
    assert not said[rest:].any()


def test_frames_that_a_silent_microphone_left_out_are_reckoned_with() -> None:
    """What was sent meanwhile is known, so the echo that ends the silence is told at once."""
    played = speech(0, 1, 2)
    back = leak(played) + noise(len(played))
    mine, theirs = frames(back), np.array(frames(played))
    learnt = 400
    guard = EchoGuard()
    for number in range(learnt):
        guard.is_echo(mine[number], theirs[number : number + 1])
    assert guard.knows_echo
    later = next(number for number, is_loud in enumerate(loud(back, -45)) if is_loud and number > learnt + 100)
    assert guard.is_echo(mine[later], theirs[learnt : later + 1])
    assert guard.is_echo(mine[later + 1], theirs[later + 1 : later + 2])
