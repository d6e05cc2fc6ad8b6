"""How much of a source was lost lately."""

from media_server.rtc.losses import LATELY_S, LEAST, Losses


def test_the_share_is_that_of_the_last_seconds() -> None:
    """What was lost before does not count; nor is anything known of one moment alone."""
    losses = Losses()
    losses.total(1_000, 500, 0.0)
    assert losses.share(0.0) is None
    losses.total(1_200, 510, 4.0)
    assert losses.share(4.0) == 10 / 200
    losses.total(1_400, 510, 8.0)
    losses.total(1_600, 510, 12.1)
    losses.total(1_800, 510, 16.2)
    assert losses.share(16.2) == 0


def test_one_lost_in_silence_is_next_to_nothing() -> None:
    """With three packets a second, a share of what came would be a third."""
    losses = Losses()
    losses.total(10, 0, 0.0)
    losses.total(13, 1, 1.0)
    assert losses.share(1.0) == 1 / LEAST


def test_what_was_repaired_is_not_lost() -> None:
    """Totals go down by it, below zero even."""
    losses = Losses()
    losses.total(100, 3, 0.0)
    losses.total(300, 1, 2.0)
    assert losses.share(2.0) == 0


def test_it_begins_anew_with_another_source() -> None:
    """Whose totals are lower."""
    losses = Losses()
    losses.total(1_000, 0, 0.0)
    losses.total(1_200, 100, 1.0)
    losses.total(5, 0, 2.0)
    assert losses.share(2.0) is None
    losses.total(205, 0, 3.0)
    assert losses.share(3.0) == 0


def test_after_a_while_without_reports_nothing_is_known() -> None:
    """Rather than what was known before."""
    losses = Losses()
    losses.total(0, 0, 0.0)
    losses.total(200, 20, 1.0)
    assert losses.share(1.0 + LATELY_S + 0.1) is None
