"""What takes events to a page may fail; the room may not."""

from unittest import mock

import structlog.testing
from prometheus_client import REGISTRY

from media_server.events import Event, SlotChanged, Speaking
from media_server.guarded_sink import GuardedSink
from tests.fakes.hall import Hall, Page

TALK = Speaking(speaker_ids=("ann",))


def faults() -> float:
    return REGISTRY.get_sample_value("parley_event_faults_total") or 0.0


def fail(event: Event) -> None:
    raise RuntimeError("the page's fault")


def test_events_come_through() -> None:
    """As they are, in order."""
    told: list[Event] = []
    sink = GuardedSink(told.append, room_id="hall", participant_id="ann")
    sink(TALK)
    assert told == [TALK]


def test_a_fault_costs_its_event_and_is_logged_once() -> None:
    """Each is counted; nothing comes back to who told."""
    sink = GuardedSink(fail, room_id="hall", participant_id="ann")
    before = faults()
    with structlog.testing.capture_logs() as logs:
        sink(TALK)
        sink(TALK)
    assert faults() - before == 2
    assert [(log["event"], log["participant_id"]) for log in logs] == [("event_failed", "ann")]


async def test_one_broken_page_is_no_matter_to_the_others() -> None:
    """A room's events go on to everybody, and who talks is heard from the first packet on, by the broken page too."""
    hall = Hall()
    with mock.patch("tests.fakes.hall.Page", BrokenPage):
        bob = await hall.join("bob")
    ann, cai = await hall.join("ann"), await hall.join("cai")
    sent = ann.talk(0.3)
    assert cai.heard("floor", ann) == sent
    assert bob.heard("floor", ann) == sent
    assert [event.speaker_id for event in cai.events(SlotChanged)] == ["ann"]
    assert cai.events(Speaking)
    await hall.room.close()


class Broken(list[Event]):
    """What nothing can be written into."""

    def append(self, event: Event) -> None:
        fail(event)


class BrokenPage(Page):
    """A page that cannot be told anything."""

    def __init__(self, hall: Hall) -> None:
        super().__init__(hall)
        self.told = Broken()
