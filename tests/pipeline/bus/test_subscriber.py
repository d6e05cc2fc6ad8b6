"""A subscriber that falls behind, and what it does not want."""

import pytest

from pipeline.bus.bus import BusError, Record
from pipeline.bus.memory import MemoryBus
from pipeline.bus.subscriber import DROPPED, Subscriber
from pipeline.messages import AudioChunk
from pipeline.settings import BusSettings
from tests.pipeline.support import chunk


def record(offset: int) -> Record:
    message = chunk(offset * 100)
    return Record("audio.raw", message.key, message, {}, 0, offset)


async def test_a_full_subscriber_loses_its_oldest_records_counted() -> None:
    """The newest stay, in order."""
    before = DROPPED.labels("audio.raw", "subscriber")._value.get()
    subscription = Subscriber(3)
    for offset in range(5):
        subscription.put(record(offset))
    subscription.close()
    assert [kept.offset async for kept in subscription] == [2, 3, 4]
    assert subscription.dropped == 2
    assert DROPPED.labels("audio.raw", "subscriber")._value.get() == before + 2


async def test_a_slow_subscriber_holds_up_nobody() -> None:
    """Publishing does not wait for it, and another subscriber gets everything."""
    async with MemoryBus(BusSettings(subscriber_queue=10)) as bus:
        async with bus.subscribe(AudioChunk.TOPIC) as slow, bus.subscribe(AudioChunk.TOPIC) as quick:
            for at in range(0, 2000, 100):
                await bus.publish(chunk(at))
                await anext(aiter(quick))
        assert (slow.dropped, quick.dropped) == (10, 0)


async def test_what_waited_is_read_before_an_error_is_told() -> None:
    """A subscription that broke gives everything it had first."""
    subscriber = Subscriber(3, [record(0)])
    subscriber.close(BusError("broken"))
    assert (await anext(aiter(subscriber))).offset == 0
    with pytest.raises(BusError, match="broken"):
        await anext(aiter(subscriber))


async def test_records_of_other_keys_are_not_kept() -> None:
    """Of those that waited from the beginning as well."""
    subscriber = Subscriber(3, [record(0)], wants=lambda key: key == "room/bob")
    assert (subscriber.wants("room/ann"), subscriber.wants("room/bob")) == (False, True)
    subscriber.close()
    assert [kept async for kept in subscriber] == []
