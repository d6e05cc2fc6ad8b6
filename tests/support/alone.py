"""What the programs make of a text when they are asked on their own: what a whole system must come to as well."""

import subprocess

import numpy as np

from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.synthesizers.espeak import Engine as Espeak
from tests.support.recordings import SAMPLE_RATE, Samples
from tests.support.similarity import Signal, best_match, envelope


def apertium(text: str, pair: str = "eng-spa") -> str:
    """Ask the real program, started anew."""
    program = subprocess.run(
        ["apertium", "-u", pair], input=text, capture_output=True, text=True, check=True, timeout=30
    )
    return " ".join(program.stdout.split())


async def find_spoken(text: str, speaker_id: str, played: Signal, language: str = "es") -> tuple[float, int]:
    """Find a text's voice in what was played, at the engine's own pace or hurried by what waited: see `best_match`.

    The pace is any from 1.0 to 1.25: looked for roughly, then around the best. One that is 2 % off has drifted by
    100 ms at the end of a long clause.
    """
    found: dict[int, tuple[float, int]] = {}
    async with Espeak() as engine:

        async def try_pace(percent: int) -> None:
            pattern = await _envelope(engine, text, speaker_id, language, speed=percent / 100)
            found[percent] = best_match(pattern, played)

        for percent in range(100, 126, 5):
            await try_pace(percent)
        best = max(found, key=found.__getitem__)
        for percent in range(max(best - 4, 100), min(best + 4, 125) + 1):
            if percent not in found:
                await try_pace(percent)
    return max(found.values())


async def _envelope(engine: Espeak, text: str, speaker_id: str, language: str, speed: float) -> Signal:
    request = SynthesisRequest(text=text, language=language, voice_seed=speaker_id, speed=speed)
    pcm = b"".join([chunk async for chunk in engine.synthesize(request)])
    sound = envelope(np.frombuffer(pcm, np.int16), engine.sample_rate)
    loud = np.nonzero(sound > 0.02 * sound.max())[0]
    return sound[loud[0] : loud[-1] + 1]


async def spoken(text: str, language: str) -> Samples:
    """Let somebody who is not there say something: 16 kHz mono, for a microphone."""
    async with Espeak() as engine:
        request = SynthesisRequest(text=text, language=language, voice_seed="somebody")
        pcm = b"".join([chunk async for chunk in engine.synthesize(request)])
        sound = np.frombuffer(pcm, np.int16)
        at = np.arange(len(sound) * SAMPLE_RATE // engine.sample_rate) * engine.sample_rate / SAMPLE_RATE
    return np.interp(at, np.arange(len(sound)), sound).astype(np.int16)
