"""When voices began to sound at one listener."""

from media_server.insight.soundings import LATEST_MS, MAX_KEPT, USUAL_MS, Soundings
from media_server.targets import tongue
from tests.fakes.clock import EPOCH_MS, FakeClock

ES = tongue("es")


class Ear:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.soundings = Soundings(self.clock)

    def send(self, clause: int = 0) -> None:
        self.soundings.began("u1", clause, ES, EPOCH_MS - 500)

    def report(self, clause: int = 0, *, ago_ms: int = 0, rtt_s: float | None = None) -> int | None:
        heard = self.soundings.heard("u1", clause, ES, ago_ms, rtt_s)
        return None if heard is None else heard.heard_at_ms


def test_a_page_says_when_it_heard() -> None:
    """So long before it wrote, and that was on its way for half of the round trip."""
    ear = Ear()
    ear.send()
    ear.clock.advance(0.2)
    assert ear.report(ago_ms=30, rtt_s=0.04) == EPOCH_MS + 150
    assert ear.soundings.heard_at_ms("u1", 0, ES) == EPOCH_MS + 150
    assert ear.soundings.path_ms == 150


def test_nothing_is_heard_before_it_was_sent_or_in_the_future() -> None:
    """Whatever a page says."""
    ear = Ear()
    ear.send(0)
    ear.send(1)
    ear.clock.advance(0.1)
    assert ear.report(0, ago_ms=60_000) == EPOCH_MS
    assert ear.report(1, ago_ms=-60_000) == EPOCH_MS + 100


def test_a_word_counts_once_and_only_of_what_was_sent() -> None:
    """A second one, one of another clause, and one that comes much too late are passed over."""
    ear = Ear()
    ear.send(0)
    ear.send(2)
    ear.clock.advance(0.1)
    assert ear.report(0) is not None
    assert ear.report(0) is None
    assert ear.report(1) is None
    ear.clock.advance(LATEST_MS / 1_000)
    assert ear.report(2) is None
    assert ear.soundings.heard_at_ms("u1", 2, ES) is None


def test_the_way_is_the_usual_one_until_somebody_says() -> None:
    """One word among many moves it by a quarter."""
    ear = Ear()
    assert ear.soundings.path_ms == USUAL_MS
    for clause, took_s in enumerate((0.1, 0.3)):
        ear.send(clause)
        ear.clock.advance(took_s)
        ear.report(clause)
    assert ear.soundings.path_ms == 150


def test_it_remembers_so_many() -> None:
    """The oldest is forgotten."""
    ear = Ear()
    for clause in range(MAX_KEPT + 1):
        ear.send(clause)
    assert ear.report(0) is None
    assert ear.report(1) is not None
