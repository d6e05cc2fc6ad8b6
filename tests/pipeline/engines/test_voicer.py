"""A synthesizer, a leveller and an encoder together."""

import asyncio
from collections.abc import AsyncGenerator
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.engines.engine import EngineUnavailableError, UnsupportedLanguageError
from pipeline.engines.leveller import TARGET_LUFS
from pipeline.engines.synthesizer import SynthesisRequest, Synthesizer
from pipeline.engines.synthesizers import espeak
from pipeline.engines.voicer import EncodingVoicer
from tests.fakes.hosted.hummer import Engine
from tests.support.loudness import measured_lufs
from tests.support.opus import decode
from tests.support.recordings import Recording

SENTENCE = "La casa es grande, y el jardín también."


class Scripted:
    """Says the same sound whatever it is asked: 16 kHz mono, in pieces of 70 ms."""

    sample_rate = 16_000
    languages = frozenset({"es"})

    def __init__(self, samples: NDArray[np.int16]) -> None:
        self.pcm = samples.astype("<i2").tobytes()

    async def synthesize(self, request: SynthesisRequest) -> AsyncGenerator[bytes, None]:
        for at in range(0, len(self.pcm), 2_240):
            yield self.pcm[at : at + 2_240]
            await asyncio.sleep(0)


def voicer_of(samples: NDArray[np.int16]) -> EncodingVoicer:
    return EncodingVoicer(cast("Synthesizer", Scripted(samples)))


def request(text: str, language: str = "es", seed: str = "anna") -> SynthesisRequest:
    return SynthesisRequest(text=text, language=language, voice_seed=seed)


async def spoken(voicer: EncodingVoicer, asked: SynthesisRequest) -> list[bytes]:
    return [packet async for packet in voicer.packets(asked)]


async def test_text_becomes_packets() -> None:
    """A second of sound is 50 packets, and the end's little silence."""
    packets = [packet async for packet in EncodingVoicer(Engine()).packets(request("1000"))]
    assert 50 <= len(packets) <= 52


async def test_packets_come_before_the_text_is_spoken_to_its_end() -> None:
    """The first packets are there when 400 ms of 10 s were made, of a known voice 100; closing makes no more."""
    engine = Engine()
    voicer = EncodingVoicer(engine)
    for most_ms in (400, 500):
        packets = voicer.packets(request("10000"))
        await anext(packets)
        await packets.aclose()
        assert engine.hummed_ms <= most_ms


async def test_what_the_synthesizer_raises_comes_through() -> None:
    """An unknown language is the caller's to hear of."""
    with pytest.raises(UnsupportedLanguageError):
        await anext(EncodingVoicer(Engine()).packets(request("100", "xx")))


def test_who_can_imitate_a_voice_is_told_to_let_go_of_it() -> None:
    """And who cannot needs not be told."""
    engine = Engine()
    engine.kept.add("anna")
    EncodingVoicer(engine).forget("anna")
    assert not engine.kept
    voicer_of(np.zeros(1, np.int16)).forget("anna")


def test_it_speaks_what_the_synthesizer_speaks() -> None:
    """Languages are the synthesizer's own."""
    assert EncodingVoicer(Engine()).languages == {"es", "fr"}


@pytest.mark.parametrize("dbfs", [-40, -6])
async def test_every_sound_is_equally_loud(dbfs: float, recording: Recording) -> None:
    """A tone, noise and a person, however loud they are made: what a listener's browser decodes is within 2 LU."""
    time = np.arange(32_000) / 16_000
    # As low as voices are: of what is high in white noise Opus leaves half away.
    noise = np.convolve(np.random.default_rng(1).standard_normal(32_000), np.ones(8))
    waves = (np.sin(2 * np.pi * 300 * time), noise, recording.samples)
    for wave in waves:
        level = 32_767 * 10 ** (dbfs / 20) / np.sqrt(2 * np.mean(wave.astype(float) ** 2))
        voicer = voicer_of(np.clip(wave * level, -32_768, 32_767).astype(np.int16))
        for _ in range(2):
            assert measured_lufs(decode(await spoken(voicer, request("")))) == pytest.approx(TARGET_LUFS, abs=2)


async def test_every_voice_of_an_engine_is_equally_loud() -> None:
    """Variants of espeak's are up to 7 LU apart; their clauses are within 2 LU of the target, the first ones too."""
    try:
        engine = espeak.Engine()
    except EngineUnavailableError as error:
        pytest.skip(str(error))
    async with engine:
        for seed in ("anna", "dora", "emil"):
            voicer = EncodingVoicer(engine)
            for _ in range(2):
                heard = decode(await spoken(voicer, request(SENTENCE, seed=seed)))
                assert measured_lufs(heard) == pytest.approx(TARGET_LUFS, abs=2)


async def test_clauses_join_without_a_click() -> None:
    """Decoded one behind the other, as a listener does, samples are hardly further apart than in the tone itself."""
    time = np.arange(16_000) / 16_000
    voicer = voicer_of((9_000 * np.sin(2 * np.pi * 200 * time + 1.2)).astype(np.int16))
    packets = [packet for _ in range(3) for packet in await spoken(voicer, request(""))]
    heard = decode(packets).astype(float)
    inside = np.abs(np.diff(heard[24_000:40_000])).max()
    assert np.abs(np.diff(heard)).max() <= 1.5 * inside


async def test_a_clause_that_was_broken_off_is_remembered_too() -> None:
    """How loud its voice was is known for the next."""
    voicer = voicer_of((600 * np.sin(np.arange(160_000) * 0.1)).astype(np.int16))
    packets = voicer.packets(request(""))
    await anext(packets)
    await packets.aclose()
    assert voicer._levels.of(("anna", "es", False))
