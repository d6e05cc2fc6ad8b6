"""What the first bytes of a packet say."""

import pytest

from media_server.analysis.toc import frame_samples, recoverable, rests
from tests.support.opus import encode
from tests.support.recordings import Recording, silence


@pytest.mark.parametrize(
    ("configuration", "ms"), [(0, 10), (3, 60), (12, 10), (13, 20), (15, 20), (16, 2.5), (19, 20), (31, 20)]
)
def test_knows_how_long_a_frame_lasts(configuration: int, ms: float) -> None:
    """As RFC 6716 table 2 has it."""
    assert frame_samples(configuration << 3) == ms * 48


@pytest.mark.parametrize("payload", [b"\x48", b"\x4b\x01"], ids=["first byte only", "with a count"])
def test_a_packet_without_sound_rests(payload: bytes) -> None:
    """Senders with DTX say so that they fall silent, and then send nothing."""
    assert rests(payload)
    assert recoverable(payload) == 0


def test_sound_does_not_rest(recording: Recording) -> None:
    """Neither speech nor what is encoded of digital silence."""
    assert not any(map(rests, encode(recording.samples)))
    assert not any(map(rests, encode(silence(1))))


def test_sees_copies_of_the_packet_before(recording: Recording) -> None:
    """An encoder that is told of losses adds them to most packets of speech; otherwise there are none."""
    with_copies = [recoverable(each) for each in encode(recording.samples, fec_percent=10)]
    assert set(with_copies) == {0, 960}
    assert with_copies.count(960) > 0.5 * len(with_copies)
    assert not any(map(recoverable, encode(recording.samples)))


def test_music_holds_no_copies() -> None:
    """Packets without a SILK part have nowhere to put them, and of packets of several frames none is read."""
    assert recoverable(bytes([31 << 3, 0xFF, 0xFF])) == 0
    assert recoverable(bytes([9 << 3 | 3, 0xFF, 0xFF])) == 0
