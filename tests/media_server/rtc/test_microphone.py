"""What a browser sends."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from media_server.packet import AudioPacket
from media_server.rtc.microphone import Microphone
from tests.support.rtp_packet import pack

LEVEL = b"\xbe\xde\x00\x01\x10\x9e\x00\x00"  # id 1: voice, 30 dB below full scale


class Heard:
    """A microphone, and what came out of it."""

    def __init__(self, *, max_sources: int = 8) -> None:
        self.packets: list[AudioPacket] = []
        self.too_many = 0
        self.microphone = Microphone(
            payload_type=111, level_extension=1, max_sources=max_sources, on_too_many=self._count, peer_id=0
        )
        self.microphone.on_packet = self.packets.append

    def _count(self) -> None:
        self.too_many += 1

    def take(self, number: int, *, ssrc: int = 7, payload_type: int = 111, now: float | None = None) -> None:
        data = pack(payload_type, number & 0xFFFF, number * 960 & 0xFFFFFFFF, ssrc, b"sound", extension=LEVEL)
        self.microphone.take(data, number * 0.02 if now is None else now)


def test_a_packet_comes_as_it_was_sent() -> None:
    """The browser's own numbers, its payload, its level, and when it came."""
    heard = Heard()
    heard.take(5)
    assert heard.packets == [AudioPacket(5, 4800, b"sound", 30, True, 0.1)]


def test_what_was_not_negotiated_is_left_out() -> None:
    """Other payload types, empty payloads, and what is no RTP at all."""
    heard = Heard()
    heard.take(1, payload_type=0)
    heard.microphone.take(pack(111, 2, 2, 7, b""), 0.0)
    heard.microphone.take(b"\x80", 0.0)
    assert not heard.packets


def test_an_exception_costs_one_packet() -> None:
    """The next one is given on, and nothing comes back."""
    heard = Heard()
    heard.take(1)
    good = heard.microphone.on_packet
    heard.microphone.on_packet = _fail
    heard.take(2)
    heard.take(3)
    heard.microphone.on_packet = good
    heard.take(4)
    assert [packet.sequence_number for packet in heard.packets] == [1, 4]
    assert heard.microphone.reception is not None
    assert heard.microphone.reception.report(1.0).lost == 0


def test_another_ssrc_goes_on_where_the_last_one_was() -> None:
    """To everybody else a changed microphone is the same source: one step in sequence, the pause in time."""
    heard = Heard()
    heard.take(5)
    heard.take(9000, ssrc=8, now=1.1)
    heard.take(9001, ssrc=8, now=1.12)
    assert [packet.sequence_number for packet in heard.packets] == [5, 6, 7]
    assert [packet.timestamp for packet in heard.packets] == [4800, 4800 + 48_000, 4800 + 48_000 + 960]
    assert heard.microphone.reception is not None
    assert heard.microphone.reception.ssrc == 8


def test_another_ssrc_goes_on_behind_the_newest_packet() -> None:
    """Not behind the last one to come, which may have been sent anew: no number is used twice."""
    heard = Heard()
    for number in (5, 8, 6):
        heard.take(number, now=0.1)
    heard.take(9000, ssrc=8, now=1.1)
    assert heard.packets[-1].sequence_number == 9


def test_a_hole_is_told_after_the_packet_that_shows_it() -> None:
    """First the packet goes on its way. Another SSRC's numbers are no hole."""
    heard = Heard()
    told: list[int] = []
    heard.microphone.on_missing = lambda: told.append(len(heard.packets))
    for number in (1, 2, 5):
        heard.take(number)
    assert told == [3]
    assert heard.microphone.missing.take(0.2) == [3, 4]
    heard.take(9000, ssrc=8, now=2.0)
    assert told == [3]


def test_two_at_once_are_not_mixed() -> None:
    """While one SSRC is being heard another one is not."""
    heard = Heard()
    for number in range(5):
        heard.take(number)
        heard.take(number + 3000, ssrc=8, now=number * 0.02)
    assert [packet.sequence_number for packet in heard.packets] == [0, 1, 2, 3, 4]


def test_too_many_sources_are_reported() -> None:
    """A spray of SSRCs (it kills the stack's own reports and hangs its close) ends the connection."""
    heard = Heard(max_sources=3)
    for ssrc in range(4):
        heard.take(1, ssrc=ssrc, now=float(ssrc))
    assert heard.too_many == 1
    assert len(heard.packets) == 3


@given(st.binary(max_size=80))
def test_garbage_never_raises(data: bytes) -> None:
    """Decrypted or not, what a browser sends is hostile until read."""
    microphone = Heard().microphone
    microphone.take(data, 0.0)
    microphone.take(b"\x90\x6f" + data, 0.0)


def _fail(packet: AudioPacket) -> None:
    raise RuntimeError("a consumer's fault")


_: Callable[[AudioPacket], None] = _fail
