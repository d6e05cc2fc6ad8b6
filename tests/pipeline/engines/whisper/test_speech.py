"""Where somebody speaks."""

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from pipeline.engines.whisper.speech import FRAME, Floats, SileroProbe, anything
from tests.support.recordings import Recording


def frames_of(samples: NDArray[np.int16]) -> Floats:
    count = len(samples) // FRAME
    return (samples[: count * FRAME].astype(np.float32) / np.float32(32_768)).reshape(count, FRAME)


def test_a_stream_is_judged_as_faster_whisper_judges_a_file(recordings: tuple[Recording, ...]) -> None:
    """However it is cut into pieces: the probe remembers."""
    frames = frames_of(recordings[1].samples)
    probe = SileroProbe(get_vad_model().session)
    pieces = np.concatenate([probe(frames[at : at + 7]) for at in range(0, len(frames), 7)])
    whole = get_vad_model()(frames.reshape(-1)).reshape(-1)
    # It spoils its last frame.
    assert pieces[:-1] == pytest.approx(whole[:-1], abs=1e-4)
    assert (pieces > 0.5).mean() > 0.5


def test_noise_is_no_speech() -> None:
    """Nor is silence."""
    probe = SileroProbe(get_vad_model().session)
    noise = np.random.default_rng(1).normal(0, 500, 20 * FRAME).astype(np.int16)
    assert probe(frames_of(noise)).max() < 0.5
    assert probe(frames_of(np.zeros(20 * FRAME, np.int16))).max() < 0.5


def test_without_a_detector_everything_may_be_speech() -> None:
    """Levels decide then."""
    assert anything(np.zeros((3, FRAME), np.float32)).tolist() == [1.0] * 3
