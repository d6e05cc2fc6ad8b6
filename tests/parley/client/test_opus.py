"""Sound as packets."""

import numpy as np
import pytest

from parley.client.opus import REST, SILENCE, encode
from tests.support.opus import decode
from tests.support.recordings import Recording


def test_sound_survives(recording: Recording) -> None:
    """What is encoded sounds like it: as loud, and as long to the packet."""
    encoded = encode(recording.samples.tobytes())
    heard = decode(encoded.packets)
    assert encoded.duration_s == pytest.approx(recording.duration_s, abs=0.02)
    assert np.sqrt((heard.astype(float) ** 2).mean()) == pytest.approx(
        np.sqrt((recording.samples.astype(float) ** 2).mean()), rel=0.1
    )


def test_the_rest_of_a_packet_is_silence() -> None:
    """30 ms take two packets."""
    assert len(encode(bytes(2 * 480)).packets) == 2


@pytest.mark.parametrize(("pcm", "rate"), [(b"\0\0\0", 16_000), (b"\0\0", 44_100)])
def test_what_opus_does_not_take_is_refused(pcm: bytes, rate: int) -> None:
    """Half a sample, and a rate that is none of its own."""
    with pytest.raises(ValueError, match=r"Opus takes|two bytes"):
        encode(pcm, rate)


def test_silence_and_rests_are_opus() -> None:
    """A decoder takes both, and hears nothing."""
    assert not decode([SILENCE, SILENCE, REST, SILENCE]).any()
