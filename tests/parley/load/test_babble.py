"""Babble: sound that is taken for speech."""

import numpy as np

from media_server.analysis import silero
from media_server.analysis.settings import AnalysisSettings
from media_server.analysis.vad import VoiceDetector
from parley.load.babble import SAMPLE_RATE, babble

FRAME_BYTES = 640


def test_a_server_hears_speech_in_it() -> None:
    """Without a pause that would end an utterance (300 ms), from its beginning to its end."""
    detector = VoiceDetector(AnalysisSettings(), silero.load())
    pcm = babble(2.0) + bytes(SAMPLE_RATE)
    speech = [
        detector.hear(pcm[at : at + FRAME_BYTES]).speech for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)
    ]
    first, last = speech.index(True), len(speech) - 1 - speech[::-1].index(True)
    pauses = "".join("x" if each else " " for each in speech[first : last + 1]).split("x")
    assert first < 10
    assert 80 < last < 110
    assert max(map(len, pauses)) < 12


def test_it_is_the_same_each_time() -> None:
    """For a seed; another seed babbles otherwise."""
    assert babble(1.0) == babble(1.0)
    assert babble(1.0) != babble(1.0, seed=2)


def test_it_is_as_long_and_as_loud_as_it_should_be() -> None:
    """And does not clip."""
    samples = np.frombuffer(babble(3.0), np.int16)
    assert 2.5 < len(samples) / SAMPLE_RATE < 4.0
    assert 8_000 < np.abs(samples).max() < 10_000
