"""One topic of the memory bus."""

from pipeline.bus.group import Member
from pipeline.bus.memory_topic import MemoryTopic
from pipeline.bus.subscriber import DROPPED
from pipeline.bus.topics import Topic
from pipeline.messages import RoomSettings
from pipeline.settings import BusSettings
from tests.pipeline.support import chunk

SMALL = BusSettings(retained=2, queue=2, compacted_keys=2)


def test_a_group_that_loses_records_is_counted_and_goes_on() -> None:
    """What is dropped before a group had committed it is a loss; the group continues with the oldest there is."""
    topic = MemoryTopic(Topic("audio.raw", 1, 1000), SMALL)
    group = topic.group("group")
    before = DROPPED.labels("audio.raw", "retention")._value.get()
    for at in (0, 100, 200):
        topic.append(chunk(at))
    assert DROPPED.labels("audio.raw", "retention")._value.get() == before + 1
    member = Member()
    group.join(member)
    taken = topic.take(group, member)
    assert taken is not None
    assert taken.message == chunk(100)


def test_records_that_are_done_go_unnoticed() -> None:
    """Dropping what every group has committed is no loss."""
    topic, member = MemoryTopic(Topic("audio.raw", 1, 1000), SMALL), Member()
    group = topic.group("group")
    group.join(member)
    before = DROPPED.labels("audio.raw", "retention")._value.get()
    for at in (0, 100, 200):
        topic.append(chunk(at))
        taken = topic.take(group, member)
        assert taken is not None
        group.commit(member, taken.partition, taken.offset)
    assert DROPPED.labels("audio.raw", "retention")._value.get() == before


def test_a_compacted_topic_keeps_a_bounded_number_of_keys() -> None:
    """The key that changed longest ago is forgotten."""
    topic = MemoryTopic(Topic("room.settings", 1, None), SMALL)
    for room in ("a", "b", "a", "c"):
        topic.append(RoomSettings(room_id=room))
    assert list(topic.newest) == ["a", "c"]


def test_what_every_group_has_done_is_kept_for_a_while_only() -> None:
    """A group that has not done it finds it still, however old it is."""
    now = 0.0
    topic, member = MemoryTopic(Topic("audio.raw", 1, 1000), BusSettings(retained_s=60), lambda: now), Member()
    group = topic.group("group")
    group.join(member)
    for at in (0, 100):
        topic.append(chunk(at))
    taken = topic.take(group, member)
    assert taken is not None
    group.commit(member, 0, taken.offset)
    topic.append(chunk(200))
    assert topic.logs[0].first == 0
    now = 61.0
    topic.append(chunk(300))
    assert (topic.logs[0].first, topic.logs[0].next) == (1, 4)


def test_a_group_goes_on_behind_what_was_deleted() -> None:
    """Also one that had not taken it yet."""
    topic, member = MemoryTopic(Topic("audio.raw", 1, 1000), BusSettings()), Member()
    group = topic.group("group")
    group.join(member)
    for at in (0, 100, 200):
        topic.append(chunk(at))
    topic.delete_before(0, 2)
    taken = topic.take(group, member)
    assert taken is not None
    assert taken.message == chunk(200)
