"""The Kafka bus and its broker: getting in, and what happens while the broker is gone or hangs."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.bus.bus import BusClosedError, BusDownError, BusUnavailableError, TopicsError
from pipeline.bus.kafka.bus import KafkaBus
from pipeline.bus.kafka.topics import KafkaTopics
from pipeline.messages import AudioChunk
from pipeline.settings import KafkaSettings
from tests.pipeline.bus.kafka.buses import ONE, kafka_bus, settings_for
from tests.pipeline.bus.kafka.guarded_broker import PASSWORD, USER, GuardedBroker
from tests.pipeline.support import chunk, listening
from tests.support.broker import Broker
from tests.support.until import until


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedBroker]:
    """Give a broker of this module's own; each test leaves it as it was."""
    broker = GuardedBroker(tmp_path_factory.mktemp("guarded"))
    broker.start_now()
    yield broker
    broker.kill_now()


async def test_without_topics_it_does_not_open(broker: Broker) -> None:
    """It says which are missing, and what makes them."""
    settings = settings_for(broker, prefix="empty.")
    with pytest.raises(TopicsError, match=r"there is no topic empty\.audio\.raw, .*`parley topics create` makes"):
        await KafkaBus(settings).__aenter__()


async def test_with_other_partitions_it_does_not_open(broker: Broker) -> None:
    """A key would be looked for where it is not."""
    settings = settings_for(broker)
    await KafkaTopics(settings, ONE).create()
    twelve = [ONE[0]._replace(partitions=12)]
    with pytest.raises(TopicsError, match=r"audio\.raw has 1 partitions instead of 12"):
        await KafkaBus(settings, twelve).__aenter__()


async def test_two_parleys_on_one_cluster_do_not_hear_each_other(broker: Broker) -> None:
    """Their prefixes keep them apart."""
    async with kafka_bus(broker, ONE) as ours, kafka_bus(broker, ONE) as theirs:
        await ours.publish(chunk())
        assert [record async for record in theirs.history(AudioChunk.TOPIC)] == []


def through(guarded: GuardedBroker, mechanism: str, **otherwise: Any) -> KafkaSettings:
    door: dict[str, Any] = {
        "bootstrap_servers": guarded.sasl,
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": mechanism,
        "sasl_username": USER,
        "sasl_password": PASSWORD,
        "ca_file": str(guarded.ca_file),
    }
    return settings_for(guarded, **(door | otherwise))


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_users_come_in_with_their_password(guarded: GuardedBroker, mechanism: str) -> None:
    """Encrypted, and with every client that the bus has."""
    settings = through(guarded, mechanism)
    await KafkaTopics(settings, ONE).create()
    async with KafkaBus(settings, ONE) as bus, bus.work(AudioChunk.TOPIC, "group") as work:
        await bus.publish(chunk())
        async with asyncio.timeout(10):
            assert (await anext(aiter(work))).message == chunk()


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ({"sasl_password": "guessed"}, "does not accept the credentials .*; correct kafka.sasl_username"),
        ({"ca_file": ""}, "the certificate of .* is not trusted .*; name the certificate authority"),
        ({"security_protocol": "SASL_PLAINTEXT"}, "; check kafka.security_protocol"),
    ],
)
async def test_whoever_is_not_let_in_is_told_why(guarded: GuardedBroker, otherwise: dict[str, str], said: str) -> None:
    """With what to do about it, soon."""
    with pytest.raises(BusUnavailableError, match=said):
        await KafkaBus(through(guarded, "SCRAM-SHA-256", **otherwise)).__aenter__()


async def test_tls_alone_will_do(guarded: GuardedBroker) -> None:
    """Where the broker asks for no user."""
    settings = settings_for(
        guarded, bootstrap_servers=guarded.tls, security_protocol="SSL", ca_file=str(guarded.ca_file)
    )
    await KafkaTopics(settings, ONE).create()
    async with KafkaBus(settings, ONE) as bus:
        await bus.publish(chunk())
        assert len([record async for record in bus.history(AudioChunk.TOPIC)]) == 1


@pytest.mark.soak
@pytest.mark.timeout(120)  # it starts again, perhaps on a busy machine
async def test_a_broker_that_dies_is_done_without_until_it_is_back(guarded: GuardedBroker) -> None:
    """Publishing fails soon, then at once; reading waits. All go on by themselves, and nothing is lost or mixed up."""
    async with (
        kafka_bus(guarded, ONE, publish_limit_s=1.0) as bus,
        bus.work(AudioChunk.TOPIC, "group", member="one") as work,
        listening(bus, AudioChunk.TOPIC) as heard,
    ):
        await bus.publish(chunk(0))
        async with asyncio.timeout(10):
            await work.commit(await anext(aiter(work)))
        await guarded.kill()
        began = time.monotonic()
        with pytest.raises(BusDownError):
            await bus.publish(chunk(100))
        assert time.monotonic() - began < 1.5
        assert not bus.up
        began = time.monotonic()
        with pytest.raises(BusDownError):
            await bus.publish(chunk(200))
        assert time.monotonic() - began < 0.1
        await guarded.start()
        await until(lambda: bus.up)
        await bus.publish(chunk(300))
        async with asyncio.timeout(10):
            assert (await anext(aiter(work))).message == chunk(300)
        await heard.until(AudioChunk, lambda each: each.start_ms == 300)
    assert [each.start_ms for each in heard.of(AudioChunk)] == [0, 300]


async def test_a_broker_that_hangs_is_noticed_and_nothing_old_comes_of_it(guarded: GuardedBroker) -> None:
    """Within three seconds, also where nobody publishes; when it goes on, so does everything."""
    async with (
        kafka_bus(guarded, ONE, publish_limit_s=1.0) as bus,
        bus.work(AudioChunk.TOPIC, "group", member="one") as work,
    ):
        await bus.publish(chunk(0))
        async with asyncio.timeout(10):
            await anext(aiter(work))
        guarded.stop()
        try:
            began = time.monotonic()
            await until(lambda: not bus.up, 5)
            assert time.monotonic() - began < 3.5
            with pytest.raises(BusDownError):
                await bus.publish(chunk(100))
        finally:
            guarded.resume()
        await until(lambda: bus.up)
        await bus.publish(chunk(200))
        async with asyncio.timeout(15):
            assert (await anext(aiter(work))).message == chunk(200)
        kept = [record.message async for record in bus.history(AudioChunk.TOPIC)]
    assert kept == [chunk(0), chunk(200)]


async def test_closing_does_not_wait_for_a_broker_that_hangs(guarded: GuardedBroker) -> None:
    """Not even with everything open and a record on its way; no task of it is left."""
    async with (
        kafka_bus(guarded, ONE, publish_limit_s=1.0) as bus,
        bus.work(AudioChunk.TOPIC, "group") as work,
        bus.subscribe(AudioChunk.TOPIC),
    ):
        await bus.publish(chunk(0))
        async with asyncio.timeout(10):
            record = await anext(aiter(work))
        guarded.stop()
        try:
            await work.commit(record)
            publishing = asyncio.create_task(bus.publish(chunk(100)))
            await asyncio.sleep(0.1)
            began = time.monotonic()
            await bus.close()
            assert time.monotonic() - began < 8
            with pytest.raises(BusClosedError):
                await publishing
        finally:
            guarded.resume()


def test_settings_do_not_show_a_password() -> None:
    """Wherever they are printed."""
    assert PASSWORD not in repr(KafkaSettings(sasl_username=USER, sasl_password=PASSWORD))
