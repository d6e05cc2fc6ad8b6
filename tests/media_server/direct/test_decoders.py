"""One decoder for all who hear the same."""

import numpy as np
import pytest

from media_server.analysis.decoder import Decoded, Decoder
from media_server.direct import decoders as module
from media_server.direct.decoders import SharedDecoders
from media_server.packet import AudioPacket
from tests.support.opus import encode
from tests.support.recordings import Recording


def packets(recording: Recording, seconds: float = 1.0) -> list[AudioPacket]:
    payloads = encode(recording.samples[16_000 : 16_000 + int(seconds * 16_000)])
    return [AudioPacket(n, n * 960, payload, 30, None, n * 0.02) for n, payload in enumerate(payloads)]


def test_each_packet_is_decoded_once(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many outlets carry it, and each gets the same sound."""
    decoded = []

    class Counted(Decoder):
        def decode(self, packet: AudioPacket) -> Decoded:
            decoded.append(packet)
            return super().decode(packet)

    monkeypatch.setattr(module, "Decoder", Counted)
    decoders, sent = SharedDecoders(), packets(recording)
    heard = [[decoders.decode("floor:ann:1", packet) for _ in range(100)] for packet in sent]
    assert len(decoded) == len(sent)
    assert all(len(set(each)) == 1 for each in heard)
    assert sum(len(each[0]) for each in heard) == len(sent) * 640


def test_packets_behind_their_time_are_left_out(recording: Recording) -> None:
    """Order never changes; what is missing is made up for."""
    decoders, sent = SharedDecoders(), packets(recording)
    swapped = [*sent[:10], sent[11], sent[10], *sent[12:]]
    sounds = [decoders.decode("a", packet) for packet in swapped]
    assert sounds[11] == b""
    assert len(sounds[10]) == 2 * 640
    assert sum(map(len, sounds)) == len(sent) * 640


def test_silence_that_was_not_sent_is_not_made_up(recording: Recording) -> None:
    """After DTX, or a long hole, the sound goes on without what nobody sent."""
    decoders, sent = SharedDecoders(), packets(recording)
    for packet in sent[:10]:
        decoders.decode("a", packet)
    later = sent[10]._replace(timestamp=sent[10].timestamp + 24_000)
    assert len(decoders.decode("a", later)) == 640
    much_later = sent[20]._replace(sequence_number=200, timestamp=200 * 960)
    assert len(decoders.decode("a", much_later)) == 640


def test_what_is_corrupt_gives_no_sound(recording: Recording) -> None:
    """Nor does it raise, however long it goes on."""
    decoders = SharedDecoders()
    for number in range(300):
        garbage = AudioPacket(number, number * 960, b"\xff" * 3, 30, None, number * 0.02)
        assert decoders.decode("a", garbage) in (b"", bytes(640))
    assert np.any(np.frombuffer(decoders.decode("b", packets(recording)[0]), np.int16) >= 0)


def test_sources_are_bounded(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one heard longest ago begins anew."""
    monkeypatch.setattr(module, "MOST", 8)
    decoders, (packet, *_) = SharedDecoders(), packets(recording, 0.1)
    for number in range(20):
        decoders.decode(str(number), packet)
    assert len(decoders) == 8
