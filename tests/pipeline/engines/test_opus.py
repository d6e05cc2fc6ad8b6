"""Sound to Opus packets."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.engines.opus import OpusEncoder
from pipeline.engines.trimmer import LEAD_MS, TAIL_MS
from tests.support.opus import decode
from tests.support.recordings import Recording

PACKET_MS = 20
# Samples by which the encoder delays the sound.
PRE_SKIP = 312
# RFC 6716 section 3.1: the upper five bits of the first byte; 12 to 15 are hybrid (SILK with CELT) of 10 and 20 ms.
SILK_OR_HYBRID_20_MS = {1, 5, 9, 13, 15}


def tone(milliseconds: int, rate: int) -> NDArray[np.int16]:
    time = np.arange(rate * milliseconds // 1000) / rate
    return (8_000 * np.sin(2 * np.pi * 300 * time)).astype(np.int16)


def packets_of(pcm: bytes, rate: int, step: int = 4_096, bit_rate: int = 32_000) -> list[bytes]:
    encoder = OpusEncoder(rate, bit_rate=bit_rate)
    packets = [packet for at in range(0, len(pcm), step) for packet in encoder.encode(pcm[at : at + step])]
    return packets + encoder.finish()


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_any_rate_becomes_20_ms_packets_of_the_same_length(rate: int) -> None:
    """Sound lasts as long after encoding as before, but for the trimmed ends."""
    silence = np.zeros(rate // 2, np.int16)
    packets = packets_of(np.concatenate((silence, tone(1_000, rate), silence)).tobytes(), rate)
    assert len(packets) * PACKET_MS == pytest.approx(1_000 + LEAD_MS + TAIL_MS, abs=2 * PACKET_MS)
    assert len(decode(packets)) == len(packets) * 960


def test_the_sound_survives(recording: Recording) -> None:
    """What is decoded is what went in: the envelopes of a real voice go together."""
    pcm = recording.samples.astype("<i2").tobytes()
    decoded = decode(packets_of(pcm, 16_000))[PRE_SKIP:]
    first = np.flatnonzero(abs(recording.samples.astype(int)) >= 104)[0] - LEAD_MS * 16

    def envelope(samples: NDArray[np.int16], window: int) -> NDArray[np.float64]:
        whole = len(samples) // window * window
        loudness: NDArray[np.float64] = np.sqrt((samples[:whole].reshape(-1, window).astype(float) ** 2).mean(axis=1))
        return loudness

    before, after = envelope(recording.samples[max(0, first) :], 320), envelope(decoded, 960)
    length = min(len(before), len(after))
    assert np.corrcoef(before[:length], after[:length])[0, 1] > 0.98


def test_packets_can_carry_their_predecessor(recording: Recording) -> None:
    """Every packet is 20 ms in one frame of a mode that has in-band FEC."""
    for packet in packets_of(recording.samples.tobytes(), 16_000):
        assert packet[0] >> 3 in SILK_OR_HYBRID_20_MS
        assert packet[0] & 0b111 == 0, "mono, one frame"


def test_the_bit_rate_is_what_was_asked_for(recording: Recording) -> None:
    """The size of a real voice's packets follows the setting."""
    for bit_rate in (16_000, 32_000):
        packets = packets_of(recording.samples.tobytes(), 16_000, bit_rate=bit_rate)
        rate = sum(map(len, packets)) * 8 * 50 / len(packets)
        assert rate == pytest.approx(bit_rate, rel=0.25)


def test_the_first_packet_comes_with_the_first_sound() -> None:
    """40 ms of sound are enough for a packet."""
    encoder = OpusEncoder(22_050)
    assert not encoder.encode(bytes(44_100))
    assert encoder.encode(tone(40, 22_050).tobytes())


def test_chunks_may_be_cut_anywhere() -> None:
    """An odd number of bytes loses no half sample."""
    pcm = tone(400, 16_000).tobytes()
    assert packets_of(pcm, 16_000, step=333) == packets_of(pcm, 16_000, step=332)


def test_silence_and_nothing_give_no_packets() -> None:
    """Nobody is sent what cannot be heard."""
    assert packets_of(bytes(32_000), 16_000) == []
    assert packets_of(b"", 16_000) == []
