"""The reorder buffer: order, the wait for holes, and what it drops."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_server.analysis.reorder import DROPPED, MAX_HELD, ReorderBuffer
from media_server.packet import AudioPacket
from tests.media_server.analysis.streams import packet


def numbers(packets: list[AudioPacket]) -> list[int]:
    return [each.sequence_number for each in packets]


def dropped(reason: str) -> float:
    return float(DROPPED.labels(reason)._value.get())


def test_gives_packets_in_order_at_once() -> None:
    """What comes in order is not delayed."""
    buffer = ReorderBuffer()
    assert [numbers(buffer.push(packet(n))) for n in (7, 8, 9)] == [[7], [8], [9]]


def test_swaps_packets_back() -> None:
    """A packet that overtook another waits for it."""
    buffer = ReorderBuffer()
    assert [numbers(buffer.push(packet(n))) for n in (1, 3, 2)] == [[1], [], [2, 3]]


def test_gives_a_hole_up_after_60_ms() -> None:
    """The packet behind a hole comes out 60 ms after it arrived, not before."""
    buffer = ReorderBuffer(wait_ms=60)
    buffer.push(packet(1, arrived=1.0))
    assert buffer.push(packet(3, arrived=1.02)) == []
    assert buffer.release(1.077) == []
    assert numbers(buffer.release(1.08)) == [3]


def test_gives_up_holes_one_by_one() -> None:
    """Each hole has its own 60 ms."""
    buffer = ReorderBuffer(wait_ms=60)
    for number, arrived in ((1, 1.0), (3, 1.02), (5, 1.05)):
        buffer.push(packet(number, arrived=arrived))
    assert numbers(buffer.release(1.09)) == [3]
    assert numbers(buffer.release(1.11)) == [5]


def test_drops_duplicates_and_counts_them() -> None:
    """A packet comes out once, whether its twin has come out or still waits."""
    buffer, before = ReorderBuffer(), dropped("duplicate")
    out = [numbers(buffer.push(packet(n, arrived=1.0))) for n in (1, 2, 2, 4, 4, 3)]
    assert out == [[1], [2], [], [], [], [3, 4]]
    assert dropped("duplicate") - before == 2


def test_drops_late_packets_and_counts_them() -> None:
    """What comes after its hole was given up would break the order."""
    buffer, before = ReorderBuffer(), dropped("late")
    for number in (1, 3, 4, 5, 6):
        buffer.push(packet(number))
    assert buffer.push(packet(2, arrived=1000.2)) == []
    assert dropped("late") - before == 1


def test_numbers_wrap() -> None:
    """65535 is followed by 0, also out of order."""
    buffer = ReorderBuffer()
    out = [number for n in (65534, 0, 65535, 1) for number in numbers(buffer.push(packet(n, arrived=1.0)))]
    assert out == [65534, 65535, 0, 1]


def test_follows_a_source_that_began_anew() -> None:
    """Two packets in a row far away are a new beginning; nothing of the old or the new is lost."""
    buffer = ReorderBuffer()
    out = [numbers(buffer.push(packet(n, arrived=1.0))) for n in (1, 3, 40_000, 40_001, 40_002)]
    assert out == [[1], [], [], [3, 40_000, 40_001], [40_002]]


def test_does_not_follow_a_stray_packet() -> None:
    """One packet far away is dropped, counted, and changes nothing."""
    buffer, before = ReorderBuffer(), dropped("stray")
    out = [numbers(buffer.push(packet(n, arrived=1.0))) for n in (1, 40_000, 2, 40_001, 3)]
    assert out == [[1], [], [2], [], [3]]
    assert dropped("stray") - before == 2


def test_never_holds_more_than_its_limit() -> None:
    """A burst behind a hole does not pile up: the hole is given up."""
    buffer = ReorderBuffer()
    buffer.push(packet(0, arrived=1.0))
    out = [each for n in range(2, MAX_HELD + 3) for each in buffer.push(packet(n, arrived=1.0))]
    assert numbers(out) == list(range(2, MAX_HELD + 3))


def test_begins_anew_after_a_reset() -> None:
    """After a reset any number is a first one."""
    buffer = ReorderBuffer()
    buffer.push(packet(500))
    buffer.reset()
    assert numbers(buffer.push(packet(450))) == [450]


def deliver(arrivals: list[AudioPacket], tick_s: float = 0.001) -> tuple[list[int], list[float]]:
    """Let packets arrive, with time passing in between; return the numbers and the delays of what comes out."""
    buffer = ReorderBuffer(wait_ms=60)
    waiting = sorted(arrivals, key=lambda each: each.arrived)
    out: list[int] = []
    delays: list[float] = []
    now, end = waiting[0].arrived, waiting[-1].arrived + 0.1
    while now < end:
        released = buffer.release(now)
        while waiting and waiting[0].arrived <= now:
            released += buffer.push(waiting.pop(0))
        out += numbers(released)
        delays += [now - each.arrived for each in released]
        now += tick_s
    return out, delays


@settings(deadline=None)
@given(
    first=st.integers(0, 65535),
    copies=st.lists(st.sampled_from([0, 1, 1, 1, 1, 2]), min_size=1, max_size=150),
    jitter_ms=st.sampled_from([0, 10, 40, 59]),
    seed=st.integers(0, 1000),
)
def test_gives_out_what_came_in_time(first: int, copies: list[int], jitter_ms: int, seed: int) -> None:
    """Whatever is lost, doubled or late by less than 60 ms: what arrived comes out once, in order, in 60 ms at most."""
    rng = random.Random(seed)
    sent = [packet(first), *(packet(first + n) for n, count in enumerate(copies, 1) for _ in range(count))]
    late = [each._replace(arrived=each.arrived + rng.uniform(0, jitter_ms) / 1000) for each in sent[1:]]
    out, delays = deliver([sent[0], *late])
    assert out == list(dict.fromkeys(each.sequence_number for each in sent))
    assert max(delays) <= 0.062  # steps of 1 ms


@settings(deadline=None)
@given(st.lists(st.integers(0, 65535), max_size=200))
def test_takes_any_numbers(chaos: list[int]) -> None:
    """No sequence of numbers makes it fail, hold on to packets, or give one out twice."""
    buffer, out = ReorderBuffer(), list[AudioPacket]()
    for index, number in enumerate(chaos):
        out += buffer.push(packet(number, payload=b"%d" % index, arrived=1.0))
    out += buffer.release(2.0)
    assert len({each.payload for each in out}) == len(out)
    assert buffer.release(3.0) == []


@pytest.mark.parametrize("percent", [0, 1, 3, 5, 10])
def test_delivers_what_arrived_whatever_was_lost(percent: int) -> None:
    """Of what arrives of a minute, 99 % comes out, 60 ms late at most, and half of it at once."""
    rng = random.Random(percent)
    arrived = [packet(n) for n in range(3000) if rng.random() * 100 >= percent]
    out, delays = deliver(arrived, tick_s=0.005)
    assert len(out) >= 0.99 * len(arrived)
    assert max(delays) <= 0.066  # steps of 5 ms
    assert sorted(delays)[len(delays) // 2] < 0.0051
