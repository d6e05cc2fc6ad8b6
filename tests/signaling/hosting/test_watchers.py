"""Who is called back."""

from collections.abc import Callable

from structlog.testing import capture_logs

from signaling.hosting.watchers import Watchers


def test_everybody_is_called_in_order_until_they_have_enough() -> None:
    """The end of one is harmless twice, and is nobody else's end."""
    watchers: Watchers[int] = Watchers("numbers")
    told: list[tuple[str, int]] = []
    unwatch = watchers.add(lambda number: told.append(("a", number)))
    watchers.add(lambda number: told.append(("b", number)))
    watchers.tell(1)
    unwatch()
    unwatch()
    watchers.tell(2)
    assert told == [("a", 1), ("b", 1), ("b", 2)]


def test_a_fault_costs_the_one_it_is_of() -> None:
    """Whoever tells does not notice, nor do the others; the log does."""
    watchers: Watchers[int] = Watchers("numbers")
    told: list[int] = []
    watchers.add(lambda number: [][number])
    watchers.add(told.append)
    with capture_logs() as logs:
        watchers.tell(1)
    assert told == [1]
    assert [(line["event"], line["watched"]) for line in logs] == [("watcher_failed", "numbers")]


def test_one_may_end_while_others_are_told() -> None:
    """Even if it is ended by one of them."""
    watchers: Watchers[int] = Watchers("numbers")
    ends: list[Callable[[], None]] = []

    def end_all(_: int) -> None:
        for end in ends:
            end()

    watchers.add(end_all)
    ends.append(watchers.add(lambda _: None))
    watchers.tell(1)
    watchers.tell(2)
