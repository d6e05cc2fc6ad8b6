"""The health check of compose's Kafka, run against a real broker, one that hangs, and none."""

import socket
import subprocess
from collections.abc import Iterator

import pytest

from tests.infra.composed import as_written
from tests.support.broker import Broker


def asks(host: str, port: int) -> int:
    """Give the exit status of the check, with less patience than in compose."""
    _, *command = as_written()["kafka"]["healthcheck"]["test"]
    script = (
        command[-1].replace("$$", "$").replace("127.0.0.1/9092", f"{host}/{port}").replace("timeout 3", "timeout 0.5")
    )
    return subprocess.run([*command[:-1], script], capture_output=True).returncode


@pytest.fixture
def silent() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_broker_that_answers_is_well(broker: Broker) -> None:
    """It takes the request for one, and sends more than eight bytes."""
    host, _, port = broker.bootstrap.partition(":")
    assert asks(host, int(port)) == 0


def test_one_that_takes_connections_and_says_nothing_is_not(silent: int) -> None:
    """As a broker that is stopped does."""
    assert asks("127.0.0.1", silent) != 0


def test_none_is_not() -> None:
    """Nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert asks("127.0.0.1", port) != 0
