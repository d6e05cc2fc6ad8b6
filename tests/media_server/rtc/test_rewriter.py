"""One slot's numbering, whichever source it carries."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from media_server.packet import AudioPacket
from media_server.rtc.rewriter import Rewriter, Rewritten

SOUND = b"\x78sound"  # CELT, 20 ms
FRAME = 960


def packet(sequence_number: int, *, timestamp: int | None = None, payload: bytes = SOUND) -> AudioPacket:
    at = sequence_number * FRAME if timestamp is None else timestamp
    return AudioPacket(sequence_number & 0xFFFF, at & 0xFFFFFFFF, payload, None, None, 0.0)


def rewriter(sequence_number: int = 99) -> Rewriter:
    return Rewriter(sequence_number=sequence_number, timestamp=5000)


def must(rewritten: Rewritten | None) -> Rewritten:
    assert rewritten is not None
    return rewritten


def test_the_first_packet_begins_a_spurt() -> None:
    """It takes the next number and has the marker; the payload stays as it is."""
    out = must(rewriter(99).rewrite("ana", packet(7), 0.0))
    assert (out.sequence_number, out.marker, out.payload) == (100, True, SOUND)


def test_a_hole_stays_a_hole() -> None:
    """What the source lost is lost here too, at the same place and of the same size."""
    slot = rewriter(99)
    numbers = [must(slot.rewrite("ana", packet(n), n * 0.02)).sequence_number for n in (10, 11, 14, 15)]
    assert numbers == [100, 101, 104, 105]


def test_a_late_packet_finds_its_place_and_begins_nothing() -> None:
    """It goes out with the number it would have had, without a marker; what follows is not disturbed."""
    slot = rewriter(99)
    outs = [must(slot.rewrite("ana", packet(n), 0.0)) for n in (10, 12, 11, 13)]
    assert [out.sequence_number for out in outs] == [100, 102, 101, 103]
    assert [out.marker for out in outs] == [True, False, False, False]


def test_a_duplicate_goes_nowhere() -> None:
    """The same number twice is one packet."""
    slot = rewriter()
    slot.rewrite("ana", packet(10), 0.0)
    assert slot.rewrite("ana", packet(10), 0.0) is None


def test_a_packet_from_before_the_spurt_goes_nowhere() -> None:
    """Its number would be the previous source's."""
    slot = rewriter()
    slot.rewrite("ana", packet(10), 0.0)
    assert slot.rewrite("ana", packet(9), 0.0) is None


def test_another_source_goes_on_where_the_last_one_was() -> None:
    """One step in sequence, the elapsed time in timestamps, and a marker."""
    slot = rewriter(99)
    first = must(slot.rewrite("ana", packet(10), 1.0))
    second = must(slot.rewrite("ben", packet(40_000, timestamp=123), 1.5))
    assert second.sequence_number == first.sequence_number + 1
    assert second.timestamp == first.timestamp + 24_000
    assert second.marker


def test_a_change_at_once_still_gives_the_last_packet_its_time() -> None:
    """Timestamps do not overlap when two sources change places within a packet's length."""
    slot = rewriter()
    first = must(slot.rewrite("ana", packet(10), 1.0))
    second = must(slot.rewrite("ben", packet(5), 1.001))
    assert second.timestamp == first.timestamp + FRAME


def test_a_late_packet_of_the_source_before_does_not_take_the_slot_back() -> None:
    """It is dropped, and the present source talks on."""
    slot = rewriter()
    slot.rewrite("ana", packet(10), 1.0)
    ben = must(slot.rewrite("ben", packet(5), 1.02))
    assert slot.rewrite("ana", packet(9), 1.03) is None
    following = must(slot.rewrite("ben", packet(6), 1.04))
    assert following.sequence_number == ben.sequence_number + 1
    assert not following.marker


def test_the_source_before_may_come_back() -> None:
    """Its newer packets begin a spurt."""
    slot = rewriter()
    slot.rewrite("ana", packet(10), 1.0)
    slot.rewrite("ben", packet(5), 1.02)
    assert must(slot.rewrite("ana", packet(11), 1.04)).marker


def test_a_rest_is_one_frame_of_silence_after_the_last_packet() -> None:
    """One byte with the configuration of the last payload, next in sequence and time."""
    slot = rewriter()
    last = must(slot.rewrite("ana", packet(10), 1.0))
    rest = must(slot.rest(1.01))
    assert rest == Rewritten(last.sequence_number + 1, last.timestamp + FRAME, False, b"\x78")


def test_a_rest_at_rest_is_nothing() -> None:
    """Neither before the first packet nor after another rest."""
    slot = rewriter()
    assert slot.rest(1.04) is None
    slot.rewrite("ana", packet(10), 1.0)
    slot.rest(1.03)
    assert slot.rest(1.04) is None


def test_a_rest_that_comes_later_does_not_look_late() -> None:
    """Its time is that of the moment: browsers wait as long as the latest packet they have seen lately."""
    slot = rewriter()
    last = must(slot.rewrite("ana", packet(10), 1.0))
    assert must(slot.rest(1.5)).timestamp == last.timestamp + 24_000
    again = must(slot.rewrite("ana", packet(60), 2.0))
    assert again.timestamp == last.timestamp + 48_000


def test_a_source_that_rests_needs_no_other_rest() -> None:
    """After its own frame without sound (DTX) nothing is sent; what comes next begins a spurt all the same."""
    slot = rewriter()
    slot.rewrite("ana", packet(10), 1.0)
    last = must(slot.rewrite("ana", packet(11)._replace(payload=b"\x78"), 1.02))
    assert slot.rest(1.4) is None
    again = must(slot.rewrite("ana", packet(60), 2.0))
    assert again.marker
    assert again.sequence_number == last.sequence_number + 1


def test_the_first_packet_after_a_rest_begins_a_spurt() -> None:
    """The same source goes on in sequence after the rest, in time after the pause, and has the marker."""
    slot = rewriter()
    last = must(slot.rewrite("ana", packet(10), 1.0))
    rest = must(slot.rest(1.02))
    again = must(slot.rewrite("ana", packet(60), 2.0))
    assert again.sequence_number == rest.sequence_number + 1
    assert again.timestamp == last.timestamp + 48_000
    assert again.marker


def test_a_late_packet_after_a_rest_does_not_end_it() -> None:
    """A straggler of the spurt that ended is dropped."""
    slot = rewriter()
    slot.rewrite("ana", packet(9), 1.0)
    slot.rewrite("ana", packet(11), 1.02)
    slot.rest(1.03)
    assert slot.rewrite("ana", packet(10), 1.03) is None
    assert slot.rest(1.04) is None


def test_a_source_that_numbers_anew_begins_a_spurt() -> None:
    """A jump that is neither a hole nor lateness is a new beginning, without a hole of thousands."""
    slot = rewriter(99)
    slot.rewrite("ana", packet(10), 1.0)
    again = must(slot.rewrite("ana", packet(30_000), 1.02))
    assert again.sequence_number == 101
    assert again.marker


def test_old_numbers_after_a_second_are_a_new_beginning() -> None:
    """A voice that counts from zero again a while later is heard."""
    slot = rewriter()
    for n in range(5):
        slot.rewrite("voice", packet(n), n * 0.02)
    slot.rest(1.03)
    assert must(slot.rewrite("voice", packet(0), 3.0)).marker


def test_wild_timestamps_do_not_spoil_the_slot() -> None:
    """A source an hour ahead of the clock is set back to it."""
    slot = rewriter()
    first = must(slot.rewrite("ana", packet(10), 1.0))
    wild = must(slot.rewrite("ana", packet(11, timestamp=10 * FRAME + 3600 * 48_000), 1.02))
    assert wild.timestamp == first.timestamp + FRAME


def test_numbers_wrap_around() -> None:
    """16 bits of sequence and 32 of time, on both sides."""
    slot = Rewriter(sequence_number=0xFFFE, timestamp=0xFFFFFFFF - 100)
    outs = [
        must(slot.rewrite("ana", packet(0xFFFF + n, timestamp=0xFFFFFFFF - 500 + n * FRAME), n * 0.02))
        for n in range(3)
    ]
    assert [out.sequence_number for out in outs] == [0xFFFF, 0, 1]
    assert [(out.timestamp - outs[0].timestamp) & 0xFFFFFFFF for out in outs] == [0, FRAME, 2 * FRAME]


def test_many_sources_are_not_remembered_for_ever() -> None:
    """Only the latest of those that left are known by their late packets."""
    slot = rewriter()
    for n in range(1000):
        slot.rewrite(f"source {n}", packet(n), n * 0.02)
    assert len(slot._past) <= 8


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["ana", "ben", "eva"]), st.integers(1, 5), st.floats(0, 2, width=32)),
        st.just(None),
    ),
    max_size=60,
)


@given(ACTIONS, st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF))
def test_whoever_talks_the_stream_never_steps_back(
    actions: list[tuple[str, int, float] | None], sequence_number: int, timestamp: int
) -> None:
    """Packets in order, holes and rests, any sources: both numbers only grow, and time does not leave the clock."""
    slot = Rewriter(sequence_number=sequence_number, timestamp=timestamp)
    positions = {"ana": 65_500, "ben": 0, "eva": 30_000}
    outs: list[Rewritten] = []
    now = 1.0
    for action in actions:
        if action is None:
            out = slot.rest(now)
        else:
            source, step, pause = action
            positions[source] += step
            now += pause
            out = must(slot.rewrite(source, packet(positions[source]), now))
        if out is not None:
            outs.append(out)
            drift = ((out.timestamp - timestamp - int(now * 48_000) + 2**31) & 0xFFFFFFFF) - 2**31
            assert abs(drift) <= 6 * 48_000
    for before, after in itertools.pairwise(outs):
        assert 0 < (after.sequence_number - before.sequence_number) & 0xFFFF <= 5
        assert 0 < (after.timestamp - before.timestamp) & 0xFFFFFFFF < 2**31


@given(st.lists(st.integers(0, 0xFFFF), max_size=100), st.integers(0, 0xFFFF))
def test_whatever_the_numbers_no_two_packets_share_one(numbers: list[int], sequence_number: int) -> None:
    """Numbers at random from one source: what goes out in a spurt is never numbered twice."""
    slot = Rewriter(sequence_number=sequence_number, timestamp=0)
    seen: set[int] = set()
    for index, number in enumerate(dict.fromkeys(numbers)):
        out = slot.rewrite("ana", packet(number), index * 0.02)
        if out is not None:
            seen.add(out.sequence_number) if not out.marker else seen.clear()
            assert 0 <= out.timestamp <= 0xFFFFFFFF
