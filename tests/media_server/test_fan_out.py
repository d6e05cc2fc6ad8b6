"""Where one source's packets go."""

from collections.abc import Sequence

import pytest
import structlog
from prometheus_client import REGISTRY

from media_server.fan_out import FanOut, forward_each
from media_server.packet import AudioPacket
from media_server.recent import Recent
from tests.fakes.peers import FakeOutlet

PACKET = AudioPacket(1, 960, b"sound", None, None, 0.0)


class BrokenOutlet(FakeOutlet):
    """Raises at every packet, against its promise."""

    def forward(self, source: str, packet: AudioPacket) -> None:
        raise RuntimeError("an outlet's fault")


class Fan:
    """Sends to its outlets, and remembers of whom it was made and what was kept when it sent."""

    def __init__(self, outlets: Sequence[FakeOutlet], recent: Recent) -> None:
        self.outlets = outlets
        self.recent = recent
        made.append(self)

    def forward(self, source: str, packet: AudioPacket) -> None:
        assert self.recent.find(source, packet.sequence_number) == packet
        forward_each(source, packet, self.outlets)


made: list[Fan] = []


def outlets(*mids: str, together: bool = False) -> list[FakeOutlet]:
    found = [FakeOutlet(mid) for mid in mids]
    for outlet in found:
        outlet.new_fan = Fan if together else None
    return found


def test_an_outlet_that_raises_costs_nobody_else_the_packet() -> None:
    """Those behind it get it, each fault is counted, and the first is logged."""
    good, broken, last = FakeOutlet("1"), BrokenOutlet("2"), FakeOutlet("3")
    fan_out = FanOut((good, broken, last))
    before = REGISTRY.get_sample_value("parley_outlet_faults_total") or 0.0
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            fan_out.forward("ana", PACKET)
    assert good.payloads == last.payloads == [b"sound"] * 3
    assert REGISTRY.get_sample_value("parley_outlet_faults_total") == before + 3
    assert [log["event"] for log in logs] == ["outlet_failed"]


def test_outlets_of_a_kind_are_sent_to_together() -> None:
    """The others one by one, and everybody once; what is sent is kept for who must send it again."""
    made.clear()
    apart, joined = outlets("1", "2"), outlets("3", "4", "5", together=True)
    fan_out = FanOut((apart[0], *joined, apart[1]))
    fan_out.forward("ana", PACKET)
    assert [list(fan.outlets) for fan in made] == [joined]
    assert all(outlet.forwarded == [("ana", PACKET)] for outlet in (*apart, *joined))


def test_other_outlets_take_over_with_the_next_packet() -> None:
    """With what was kept so far; the same ones again cost nothing."""
    made.clear()
    first, second = outlets("1", together=True), outlets("2", together=True)
    fan_out = FanOut(first)
    fan_out.forward("ana", PACKET)
    fan_out.outlets = list(first)
    assert len(made) == 1
    fan_out.outlets = second
    fan_out.forward("ana", PACKET._replace(sequence_number=2))
    assert made[1].recent.find("ana", 1) == PACKET
    assert len(first[0].forwarded) == len(second[0].forwarded) == 1
    assert fan_out.outlets == tuple(second)


@pytest.mark.parametrize("together", [True, False])
def test_who_comes_in_the_middle_of_a_packet_gets_that_one_too(together: bool) -> None:
    """Once; and those who had it do not get it again."""
    old, new = outlets("1", together=together), outlets("2", together=together)
    fan_out = FanOut(old)
    fan_out.forward("ana", PACKET)
    fan_out.outlets = (*old, *new)
    fan_out.forward_to_newcomers("ana", PACKET, old)
    assert old[0].forwarded == new[0].forwarded == [("ana", PACKET)]


def test_nobody_may_hear() -> None:
    """Nothing happens."""
    fan_out = FanOut()
    fan_out.forward("ana", PACKET)
    fan_out.flush()
