"""16 kHz to Opus, by either libopus."""

import numpy as np
import pytest

from media_server.direct.encoder import FRAME_BYTES, Encoder, FfmpegEncoder, LibopusEncoder, new_encoder
from tests.support.opus import decode
from tests.support.recordings import Recording
from tests.support.similarity import best_match, envelope


@pytest.mark.parametrize("encoder", [LibopusEncoder, FfmpegEncoder])
def test_speech_survives(recording: Recording, encoder: type[Encoder]) -> None:
    """Each 20 ms is one packet, of 24 to 32 kbit/s in all, and sounds the same."""
    samples, one = recording.samples[: 16_000 * 3], encoder()
    pcm = samples.tobytes()
    packets = [one.encode(pcm[start : start + FRAME_BYTES]) for start in range(0, len(pcm), FRAME_BYTES)]
    if encoder is LibopusEncoder:  # FFmpeg's holds the first back
        assert all(packets)
    assert sum(map(len, packets)) * 8 / 3 <= 36_000
    likeness, _ = best_match(envelope(samples[4_000:40_000], 16_000), envelope(decode(filter(None, packets)), 48_000))
    assert likeness > 0.97


def test_the_system_s_own_is_preferred() -> None:
    """It costs a third."""
    assert isinstance(new_encoder(), LibopusEncoder)


def test_less_than_a_frame_is_no_packet() -> None:
    """Silence is one, though, and small."""
    assert 0 < len(LibopusEncoder().encode(np.zeros(320, np.int16).tobytes())) < 100
