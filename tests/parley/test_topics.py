"""What is said about the topics on a cluster."""

from parley.topics import check, create, wanted
from pipeline.settings import KafkaSettings
from tests.pipeline.bus.kafka.buses import settings_for, somebody_else
from tests.support.broker import Broker


async def test_what_was_done_is_told_once(broker: Broker) -> None:
    """Then all is as it should be."""
    settings = settings_for(broker, partitions=2)
    lines, is_well = await check(settings)
    assert (lines[-1], is_well) == ("`parley topics create` sets this right", False)
    assert f"{settings.prefix}audio.raw: missing" in lines
    lines, is_well = await create(settings)
    assert (len(lines), is_well) == (len(wanted(settings)), True)
    assert lines[0] == f"{settings.prefix}audio.raw: created"
    assert await create(settings) == (["all topics are as they should be; nothing to do"], True)
    assert await check(settings) == (["all topics are as they should be"], True)


async def test_a_wrong_number_of_partitions_is_left_to_people(broker: Broker) -> None:
    """With the choice that they have; everything else is done."""
    settings = settings_for(broker, partitions=2)
    async with somebody_else(broker, f"{settings.prefix}audio.raw", 1):
        lines, is_well = await create(settings)
    assert not is_well
    assert lines[-2] == f"{settings.prefix}audio.raw: partitions is 1 instead of 2"
    assert lines[-1].startswith("Partitions cannot be changed")
    left, is_well = await check(settings)
    assert (left, is_well) == (lines[-2:], False)


def test_partitions_are_settable() -> None:
    """Of the topics between the stages."""
    assert wanted(KafkaSettings(partitions=48))[0].partitions == 48
