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


async def espeak(text: str, speaker_id: str, language: str = "es", speed: float = 1.0) -> Signal:
    """Give the envelope of what the engine makes of a text in a speaker's voice, silence at both ends left out."""
    async with Espeak() as engine:
        request = SynthesisRequest(text=text, language=language, voice_seed=speaker_id, speed=speed)
        pcm = b"".join([chunk async for chunk in engine.synthesize(request)])
        sound = envelope(np.frombuffer(pcm, np.int16), engine.sample_rate)
    loud = np.nonzero(sound > 0.02 * sound.max())[0]
    return sound[loud[0] : loud[-1] + 1]


async def find_spoken(text: str, speaker_id: str, played: Signal) -> tuple[float, int]:
    """Find a text's voice in what was played, at the engine's own pace or hurried by what waited: see `best_match`."""
    matches = [best_match(await espeak(text, speaker_id, speed=1 + step / 20), played) for step in range(6)]
    return max(matches)


async def spoken(text: str, language: str) -> Samples:
    """Let somebody who is not there say something: 16 kHz mono, for a microphone."""
    async with Espeak() as engine:
        request = SynthesisRequest(text=text, language=language, voice_seed="somebody")
        pcm = b"".join([chunk async for chunk in engine.synthesize(request)])
        sound = np.frombuffer(pcm, np.int16)
        at = np.arange(len(sound) * SAMPLE_RATE // engine.sample_rate) * engine.sample_rate / SAMPLE_RATE
    return np.interp(at, np.arange(len(sound)), sound).astype(np.int16)
