"""Raw sound, message by message."""

import pytest

from media_server.direct.errors import BadSoundError
from media_server.direct.pcm import PcmReader
from tests.support.recordings import Recording


def test_16_khz_mono_is_taken_as_it_is(recording: Recording) -> None:
    """Byte for byte."""
    message = recording.samples[:1_600].tobytes()
    assert PcmReader().read(message) is message


def test_other_rates_are_converted_without_a_seam() -> None:
    """100 messages of 10 ms are 1 s of sound, but for the filter's own few ms."""
    reader = PcmReader(44_100, 2)
    sound = b"".join(reader.read(bytes(441 * 4)) for _ in range(100))
    assert abs(len(sound) - 32_000) < 200


@pytest.mark.parametrize("message", [b"", b"\0", bytes(3_201), bytes(32_002)])
def test_what_is_no_run_of_samples_is_refused(message: bytes) -> None:
    """Nothing, part of a sample, more than a second."""
    with pytest.raises(BadSoundError):
        PcmReader().read(message)


def test_half_of_a_stereo_sample_is_refused() -> None:
    """A message has both sides of each."""
    with pytest.raises(BadSoundError, match="4 bytes"):
        PcmReader(48_000, 2).read(bytes(6))


@pytest.mark.parametrize(("rate", "channels"), [(7_999, 1), (96_001, 1), (16_000, 0), (16_000, 3)])
def test_only_sound_that_is_known_is_read(rate: int, channels: int) -> None:
    """Anything else is a mistake of whoever asks."""
    with pytest.raises(ValueError, match="Hz"):
        PcmReader(rate, channels)
