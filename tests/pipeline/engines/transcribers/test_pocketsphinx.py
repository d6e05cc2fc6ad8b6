"""pocketsphinx: how well it hears, and that its sessions do not touch each other."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest

from pipeline.engines.engine import EngineBusyError, EngineUnavailableError, RequestTooLargeError
from pipeline.engines.transcribers import pocketsphinx
from pipeline.engines.transcribers.pocketsphinx import Engine
from tests.support.recordings import Recording

pytestmark = pytest.mark.blocks_loop("models are loaded holding Python's lock; workers have them in other processes")

STEP = 3_200


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    async with Engine(ready=1, most=2, wait_s=0.05) as engine:
        yield engine


async def hear(engine: Engine, pcm: bytes, speaker: str) -> str:
    utterance = await engine.open("en", speaker)
    for at in range(0, len(pcm), STEP):
        await utterance.push(pcm[at : at + STEP])
    return (await utterance.finish()).text


def errors(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Count the words to change, add or drop (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, expected in enumerate(reference, 1):
        above, row = row, [i]
        for j, word in enumerate(heard, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (expected != word)))
    return row[-1]


async def error_rate(engine: Engine, recordings: Sequence[Recording], speakers: Sequence[str]) -> float:
    wrong = said = 0
    for recording, speaker in zip(recordings, speakers, strict=True):
        heard = await hear(engine, recording.samples.tobytes(), speaker)
        reference = recording.text.lower().split()
        wrong += errors(reference, heard.lower().split())
        said += len(reference)
    return wrong / said


@pytest.mark.soak
async def test_a_stranger_is_understood(engine: Engine, recordings: tuple[Recording, ...]) -> None:
    """In streaming use, 100 ms at a time: at most 0.30 of the words are wrong when every sentence is the first."""
    assert await error_rate(engine, recordings, ["a", "b", "c", "d", "e"]) <= 0.30


@pytest.mark.soak
async def test_a_voice_is_heard_better_once_it_is_known(engine: Engine, recordings: tuple[Recording, ...]) -> None:
    """At most 0.25 of the words are wrong when all sentences are the same person's."""
    assert await error_rate(engine, recordings, ["f"] * 5) <= 0.25


async def test_a_session_is_no_worse_after_another(engine: Engine, recordings: tuple[Recording, ...]) -> None:
    """A loud, bright noise from somebody else changes nothing for the next."""
    pcm, said = recordings[4].samples.tobytes(), recordings[4].text.split()
    alone = await hear(engine, pcm, "anna")
    noise = np.diff(np.random.default_rng(1).normal(0, 8_000, 16_000)).clip(-32_768, 32_767).astype("<i2")
    await hear(engine, noise.tobytes(), "storm")
    after = await hear(engine, pcm, "ben")
    assert errors(said, after.lower().split()) <= errors(said, alone.lower().split())


async def test_interim_words_come_while_somebody_speaks(engine: Engine, recordings: tuple[Recording, ...]) -> None:
    """Half of the sound has about half of the words."""
    pcm = recordings[4].samples.tobytes()
    utterance = await engine.open("en")
    half = len(pcm) // 4 * 2
    heard = await utterance.push(pcm[:half])
    assert 2 <= len(heard.words) <= 6
    await utterance.abort()


async def test_a_crowd_is_told_to_wait(engine: Engine) -> None:
    """More sessions than decoders: busy, until one ends."""
    first, second = await engine.open("en"), await engine.open("en")
    with pytest.raises(EngineBusyError):
        await engine.open("en")
    await first.abort()
    third = await engine.open("en")
    await asyncio.gather(second.abort(), third.abort())


async def test_an_endless_utterance_is_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can still be ended."""
    monkeypatch.setattr(pocketsphinx, "LONGEST_S", 1)
    utterance = await engine.open("en")
    with pytest.raises(RequestTooLargeError):
        await utterance.push(bytes(33_000))
    await utterance.finish()


def test_a_machine_without_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package may be missing."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EngineUnavailableError, match="pip install pocketsphinx"):
        Engine()
