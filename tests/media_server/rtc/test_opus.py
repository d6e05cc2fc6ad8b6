"""The first byte of an Opus packet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_server.rtc import opus

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
    silence = opus.silence(payload)
    assert len(silence) == 1
    assert silence[0] & 0xFC == payload[0] & 0xFC
    assert silence[0] & 3 == 0


def test_nothing_has_no_silence() -> None:
    """An empty payload has no configuration to keep."""
    assert opus.silence(b"") == b""


@pytest.mark.parametrize(("payload", "rests"), [(b"", True), (b"\x78", True), (b"\x78\x00", True), (b"\x78abc", False)])
def test_a_packet_without_sound_is_a_rest(payload: bytes, rests: bool) -> None:
    """Two bytes have no room for sound."""
    assert opus.rests(payload) is rests
