"""How well one source is received."""

import pytest

from media_server.rtc.reception import Reception


def received(*sequence_numbers: int) -> Reception:
    reception = Reception(7)
    for number in sequence_numbers:
        reception.add(number & 0xFFFF, number * 960, number * 0.02)
    return reception


def test_nothing_lost_is_reported_as_nothing_lost() -> None:
    """In order, without a hole, on time."""
    report = received(1, 2, 3).report(1.0)
    assert (report.ssrc, report.lost, report.fraction_lost, report.highest, report.jitter) == (7, 0, 0, 3, 0)


def test_a_hole_is_a_loss() -> None:
    """One of four: a quarter, in 256ths."""
    report = received(1, 2, 4).report(1.0)
    assert (report.lost, report.fraction_lost) == (1, 64)


def test_a_late_packet_is_not_lost() -> None:
    """It fills its hole."""
    assert received(1, 3, 2).report(1.0).lost == 0


def test_the_fraction_is_of_the_time_since_the_last_report() -> None:
    """A loss is reported once as a fraction, and for ever in the sum."""
    reception = received(1, 2, 4)
    reception.report(1.0)
    reception.add(5, 5 * 960, 0.1)
    report = reception.report(2.0)
    assert (report.lost, report.fraction_lost) == (1, 0)


def test_numbers_wrap_around() -> None:
    """The upper half of the highest number counts how often."""
    report = received(0xFFFE, 0xFFFF, 0x10000, 0x10001).report(1.0)
    assert report.highest == 0x10001
    assert report.lost == 0


def test_a_new_numbering_begins_a_new_count() -> None:
    """A jump of thousands is not thousands of losses."""
    assert received(1, 2, 20_000, 20_001).report(1.0).lost == 0


def test_jitter_grows_with_unsteady_arrivals() -> None:
    """RFC 3550 section 6.4.1: a sixteenth of each difference of transit."""
    reception = Reception(7)
    reception.add(1, 960, 0.02)
    reception.add(2, 1920, 0.05)
    assert reception.report(1.0).jitter == 480 // 16


def test_a_packet_sent_anew_is_not_jitter() -> None:
    """It comes a round trip late, which says nothing of how steady the network is."""
    reception = received(1, 3)
    reception.add(2, 2 * 960, 0.2)
    reception.add(4, 4 * 960, 0.08)
    assert reception.report(1.0).jitter == 0


def test_a_clock_that_wraps_around_is_not_jitter() -> None:
    """32 bits of timestamp, and a clock that is far from it."""
    reception = Reception(7)
    for index in range(4):
        reception.add(index, (0xFFFFFFFF - 1000 + index * 960) & 0xFFFFFFFF, 50_000 + index * 0.02)
    assert reception.report(1.0).jitter <= 1


def test_the_sender_can_tell_the_round_trip() -> None:
    """The report repeats the middle of the sender's time, and says how long ago it came in 65536ths of a second."""
    reception = received(1)
    reception.heard_from_sender(0x0123456789ABCDEF, 10.0)
    report = reception.report(10.5)
    assert report.last_sender_report == 0x456789AB
    assert report.since_sender_report == pytest.approx(32768, abs=1)
