"""What the first bytes of an Opus packet say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_server import opus
from tests.support.opus import encode
from tests.support.recordings import Recording, silence

# (configuration number, ms of one frame), RFC 6716 table 2.
CONFIGURATIONS = [(0, 10), (3, 60), (11, 60), (12, 10), (15, 20), (16, 2.5), (17, 5), (18, 10), (19, 20), (31, 20)]


@pytest.mark.parametrize(("configuration", "milliseconds"), CONFIGURATIONS)
def test_a_frame_lasts_as_its_configuration_says(configuration: int, milliseconds: float) -> None:
    """One frame (code 0) has the length in the table."""
    assert opus.duration(bytes([configuration << 3]) + b"sound") == milliseconds * 48


def test_several_frames_last_longer() -> None:
    """Codes 1 and 2 mean two frames, code 3 says how many in the next byte."""
    twenty = 19 << 3
    assert opus.duration(bytes([twenty | 1])) == 2 * 960
    assert opus.duration(bytes([twenty | 2])) == 2 * 960
    assert opus.duration(bytes([twenty | 3, 0x80 | 3])) == 3 * 960


@given(st.binary(max_size=4))
def test_whatever_the_bytes_a_packet_lasts_up_to_120_ms(payload: bytes) -> None:
    """Also where no decoder would take it."""
    assert 1 <= opus.duration(payload) <= 5760


@given(st.binary(min_size=1))
def test_silence_is_one_byte_of_the_same_configuration(payload: bytes) -> None:
    """Configuration and channels stay, and there is one frame without data."""
    rest = opus.silence(payload)
    assert len(rest) == 1
    assert rest[0] & 0xFC == payload[0] & 0xFC
    assert rest[0] & 3 == 0


def test_nothing_has_no_silence() -> None:
    """An empty payload has no configuration to keep."""
    assert opus.silence(b"") == b""


@pytest.mark.parametrize(("payload", "rests"), [(b"", True), (b"\x78", True), (b"\x78\x00", True), (b"\x78abc", False)])
def test_two_bytes_are_a_rest(payload: bytes, rests: bool) -> None:
    """Two bytes have no room for sound."""
    assert opus.rests(payload) is rests


@pytest.mark.parametrize(
    ("configuration", "ms"), [(0, 10), (3, 60), (12, 10), (13, 20), (15, 20), (16, 2.5), (19, 20), (31, 20)]
)
def test_knows_how_long_a_frame_lasts(configuration: int, ms: float) -> None:
    """As RFC 6716 table 2 has it."""
    assert opus.frame_samples(configuration << 3) == ms * 48


@pytest.mark.parametrize("payload", [b"\x48", b"\x4b\x01"], ids=["first byte only", "with a count"])
def test_a_packet_without_sound_rests(payload: bytes) -> None:
    """Senders with DTX say so that they fall silent, and then send nothing."""
    assert opus.rests(payload)
    assert opus.recoverable(payload) == 0


def test_sound_does_not_rest(recording: Recording) -> None:
    """Neither speech nor what is encoded of digital silence."""
    assert not any(map(opus.rests, encode(recording.samples)))
    assert not any(map(opus.rests, encode(silence(1))))


def test_sees_copies_of_the_packet_before(recording: Recording) -> None:
    """An encoder that is told of losses adds them to most packets of speech; otherwise there are none."""
    with_copies = [opus.recoverable(each) for each in encode(recording.samples, fec_percent=10)]
    assert set(with_copies) == {0, 960}
    assert with_copies.count(960) > 0.5 * len(with_copies)
    assert not any(map(opus.recoverable, encode(recording.samples)))


def test_music_holds_no_copies() -> None:
    """Packets without a SILK part have nowhere to put them, and of packets of several frames none is read."""
    assert opus.recoverable(bytes([31 << 3, 0xFF, 0xFF])) == 0
    assert opus.recoverable(bytes([9 << 3 | 3, 0xFF, 0xFF])) == 0
