"""The first contact with a cluster, and what is said when it fails."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiokafka import errors

from pipeline.bus.bus import BusUnavailableError, TopicsError
from pipeline.bus.kafka.cluster import KafkaCluster
from pipeline.bus.kafka.reach import compare, in_words, reach
from pipeline.bus.topics import TOPICS, Topic
from pipeline.settings import KafkaSettings
from tests.support.broker import Broker, free_ports

Accept = Callable[[asyncio.StreamWriter], None]


@asynccontextmanager
async def listener(accept: Accept) -> AsyncIterator[str]:
    """Listen as something that is no broker; gives its address."""
    writers: list[asyncio.StreamWriter] = []

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        accept(writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"
        for writer in writers:
            writer.close()


async def failure(where: str, **otherwise: object) -> str:
    settings = KafkaSettings(**{"bootstrap_servers": where, "request_limit_s": 0.3} | otherwise)  # type: ignore[arg-type]
    with pytest.raises(BusUnavailableError) as failed:
        await reach(settings, KafkaCluster(settings), TOPICS)
    return str(failed.value)


async def test_an_address_without_a_broker_is_said_to_be_one() -> None:
    """With what to do."""
    where = f"127.0.0.1:{free_ports(1)[0]}"
    expected = f"there is no broker at {where} (connection refused); start it, or correct the address in bus_url"
    assert await failure(where) == expected


async def test_what_accepts_and_says_nothing_does_not_answer() -> None:
    """It is not waited for longer than one request may take."""
    async with listener(lambda _: None) as where:
        began = time.monotonic()
        assert (await failure(where)).startswith(f"{where} does not answer; see whether that broker is well")
        assert time.monotonic() - began < 3


async def test_what_hangs_up_may_expect_something_else() -> None:
    """As a listener for TLS does with whoever does not speak it."""
    async with listener(lambda writer: writer.close()) as where:
        assert (await failure(where)).startswith(f"{where} closes the connection; check kafka.security_protocol")


async def test_tls_where_there_is_none_is_said() -> None:
    """What is there answers with anything but TLS."""
    async with listener(lambda writer: writer.write(b"not TLS")) as where:
        said = await failure(where, security_protocol="SSL")
    assert said.startswith(f"no TLS with {where} (WRONG_VERSION_NUMBER); check kafka.security_protocol")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "kafka:9 cannot be reached (Name or service not known); "),
        (OSError("Multiple exceptions: [Errno 111] one, [Errno 111] two"), "there is no broker at kafka:9 "),
        (ssl.SSLCertVerificationError(1, "no"), "the certificate of kafka:9 is not trusted "),
        (errors.SaslAuthenticationFailed(), "kafka:9 does not accept the credentials (SaslAuthenticationFailed); "),
        (errors.UnsupportedSaslMechanismError(), "kafka:9 does not accept the credentials "),
        (errors.UnsupportedVersionError(), "kafka:9 answers with UnsupportedVersionError; see what its log says"),
    ],
)
def test_every_failure_has_its_words(error: Exception, said: str) -> None:
    """What is wrong first, then what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "self-signed certificate"
    assert str(in_words("kafka:9", error)).startswith(said)


def test_topics_that_are_missing_or_divided_otherwise_are_named() -> None:
    """All of them at once, as they are called there."""
    topics = (Topic("a", 12, None), Topic("b", 12, None), Topic("c", 1, None))
    compare(topics, "x.", {"x.a": 12, "x.b": 12, "x.c": 1, "others": 3})
    with pytest.raises(TopicsError) as failed:
        compare(topics, "x.", {"x.a": 6, "x.b": 0, "x.c": 1})
    assert str(failed.value) == (
        "x.a has 6 partitions instead of 12, there is no topic x.b; "
        "`parley topics check` says more, `parley topics create` makes what is missing"
    )


async def test_a_broker_further_down_the_list_will_do(broker: Broker) -> None:
    """Whoever answers first is asked."""
    gone = f"127.0.0.1:{free_ports(1)[0]}"
    settings = KafkaSettings(bootstrap_servers=f"{gone},{broker.bootstrap}", prefix="none.")
    assert set((await reach(settings, KafkaCluster(settings), TOPICS)).values()) == {0}
