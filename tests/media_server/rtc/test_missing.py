"""Which packets did not come, and when to ask for them."""

import asyncio
import re

from hypothesis import given
from hypothesis import strategies as st

from media_server.rtc import missing
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.missing import Missing
from media_server.rtc.rewriter import MAX_LATE
from tests.media_server.rtc.browser import Browser, call, until
from tests.media_server.rtc.test_peer import SOUND


def having_heard(*sequence_numbers: int) -> Missing:
    """Give one that heard these 20 ms after each other, the last one at 0."""
    it = Missing()
    for index, number in enumerate(sequence_numbers):
        it.came(number & 0xFFFF, 0.02 * (index + 1 - len(sequence_numbers)))
    return it


def test_where_nothing_is_missing_nothing_is_asked_for() -> None:
    """In order, twice, around the end of the numbers: no hole."""
    it = having_heard(0xFFFE, 0xFFFF, 0, 0, 1)
    assert it.next_at() is None
    assert it.take(1.0) == []


def test_a_hole_is_asked_for_soon() -> None:
    """Ten milliseconds after it showed, all of it at once, in the stream's order."""
    it = having_heard(0xFFFD, 2)
    assert it.next_at() == missing.SETTLE
    assert it.take(0.0) == []
    assert it.take(missing.SETTLE) == [0xFFFE, 0xFFFF, 0, 1]


def test_holes_that_are_due_together_are_asked_for_together() -> None:
    """A few milliseconds do not make two messages."""
    it = having_heard(1, 3)
    it.came(5, 0.004)
    assert it.take(0.010) == [2, 4]


def test_packets_that_changed_places_are_not_asked_for() -> None:
    """The hole is filled before it is due."""
    it = having_heard(1, 3)
    it.came(2, 0.001)
    assert it.next_at() is None
    assert it.take(1.0) == []


def test_a_packet_is_asked_for_three_times_at_most() -> None:
    """Then it is taken for lost."""
    it = having_heard(1, 3)
    times = []
    while (at := it.next_at()) is not None:
        assert it.take(at) == [2]
        times.append(at)
    assert len(times) == missing.MAX_ASKED
    assert times[-1] < missing.USEFUL < MAX_LATE


def test_it_waits_longer_where_answers_take_longer() -> None:
    """A round trip of 120 ms: after some answers the second time comes more than 120 ms after the first."""
    it = having_heard(1)
    number, now = 1, 0.0
    for _ in range(20):
        number, now = number + 2, now + 1
        it.came(number, now)
        assert it.take(now + missing.SETTLE) == [number - 1]
        it.came(number - 1, now + missing.SETTLE + 0.12)
    it.came(number + 2, now + 1)
    it.take(now + 1 + missing.SETTLE)
    again = it.next_at()
    assert again is not None
    assert 0.12 < again - (now + 1 + missing.SETTLE) < 0.2


def test_what_helps_nobody_any_more_is_not_asked_for() -> None:
    """Half a second after it was missed a packet is forgotten."""
    it = having_heard(1, 3)
    assert it.take(missing.USEFUL) == []
    assert it.next_at() is None


def test_of_a_long_hole_the_newest_are_asked_for() -> None:
    """Two seconds without a network: the last half second of them."""
    it = having_heard(1, 101)
    assert it.take(0.02) == list(range(101 - missing.MAX_HOLE, 101))


def test_a_new_numbering_is_no_hole() -> None:
    """A jump of thousands, or far back: nothing is asked for, and holes before it are forgotten."""
    for jump in (20_000, 1_000):
        it = having_heard(5_000, 5_002, jump)
        assert it.next_at() is None
        assert it.take(0.02) == []


def test_asking_has_a_limit() -> None:
    """However much is lost: fifty packets a second, each time counted."""
    it = having_heard(0)
    asked = 0
    for number in range(2, 2000, 2):
        now = number * 0.01
        it.came(number, now)
        asked += len(it.take(now + missing.SETTLE))
    assert asked <= missing.RATE * (2000 * 0.01 + 1)


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.floats(0, 0.5)), max_size=200))
def test_what_it_keeps_is_bounded(packets: list[tuple[int, float]]) -> None:
    """Whatever numbers come: few holes are known, and never is a number asked for too often."""
    it, now, asked = Missing(), 0.0, 0
    for number, later in packets:
        now += later
        it.came(number, now)
        asked += len(it.take(now))
        assert len(it._holes) <= missing.MAX_OPEN
    assert asked <= missing.RATE * (now + 1)


async def test_what_the_microphone_loses_is_asked_for(endpoint: RtcEndpoint) -> None:
    """Soon, where the browser offered NACK; sent anew it finds its place, and the report has no loss."""
    peer = endpoint.new_peer()
    heard: list[int] = []
    peer.on_packet = lambda it: heard.append(it.sequence_number)
    try:
        async with Browser(slots=1) as browser:
            await browser.accept(await peer.answer(with_nack(await browser.offer())))
            await until(lambda: browser.pc.connectionState == "connected" and peer.state == "connected")
            for number in (1, 2, 5):
                await browser.speak(number, SOUND)
            await until(lambda: browser.reports)
            assert browser.reports[0].lost == [3, 4]
            for number in browser.reports[0].lost:
                await browser.speak(number, SOUND)
            await until(lambda: len(heard) == 5)
            assert heard == [1, 2, 5, 3, 4]
            await until(lambda: any(getattr(it, "reports", []) for it in browser.reports))
            (report,) = browser.reports[-1].reports
            assert report.packets_lost == 0
    finally:
        await peer.close()


async def test_nothing_is_asked_for_that_was_not_offered(endpoint: RtcEndpoint) -> None:
    """A browser without NACK for sound would not know what to do."""
    peer = endpoint.new_peer()
    async with call(peer) as browser:
        for number in (1, 2, 5):
            await browser.speak(number, SOUND)
        await asyncio.sleep(0.1)
        assert not any(hasattr(it, "lost") for it in browser.reports)


def with_nack(offer: str) -> str:
    """Offer to send lost sound anew, as the page does."""
    return re.sub(r"(a=rtpmap:(\d+) opus/48000/2\r\n)", r"\1a=rtcp-fb:\2 nack\r\n", offer)
