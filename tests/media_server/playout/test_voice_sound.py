"""How what a player sends sounds."""

import numpy as np

from media_server.analysis.spectrum import QUIETEST
from media_server.playout.voice_sound import new_voice_trace
from tests.support.opus import encode
from tests.support.recordings import Recording


def test_packets_are_measured_when_somebody_asks(recording: Recording) -> None:
    """As loud as what they hold, frame by frame; what is no packet is silent."""
    trace = new_voice_trace()
    packets = encode(recording.samples)[:50]
    for number, packet in enumerate(packets):
        trace.note(number, packet)
    trace.note(len(packets), b"\xff\xff")
    found = trace.between(0, len(packets)).max(axis=1)
    loudness = 10 * np.log10(
        (recording.samples[: 50 * 320].reshape(-1, 320).astype(float) ** 2).mean(axis=1) / 32_768**2 + 1e-9
    )
    assert np.corrcoef(found[2:50], loudness[1:49])[0, 1] > 0.7
    assert found[-1] == QUIETEST
