"""`parley topics`."""

import pytest
from typer.testing import CliRunner, Result

from parley.cli import app
from tests.pipeline.bus.kafka.buses import settings_for
from tests.support.broker import Broker, free_ports


def topics(*words: str) -> Result:
    return CliRunner().invoke(app, ["topics", *words], env={"KAFKA_BOOTSTRAP_SERVERS": None})


def test_topics_are_created_and_checked(broker: Broker) -> None:
    """The exit code says whether all is well; data goes to standard output."""
    prefix = settings_for(broker).prefix
    where = ("--bus", f"kafka://{broker.bootstrap}", "--set", f"pipeline.kafka.prefix={prefix}")
    before = topics("check", *where)
    assert (before.exit_code, "audio.raw: missing" in before.stdout) == (1, True)
    made = topics("create", *where)
    assert (made.exit_code, "audio.raw: created" in made.stdout) == (0, True)
    after = topics("check", *where)
    assert (after.exit_code, after.stdout) == (0, "all topics are as they should be\n")


def test_a_cluster_that_cannot_be_reached_ends_with_1() -> None:
    """And with what to do."""
    where = f"127.0.0.1:{free_ports(1)[0]}"
    answer = topics("check", "--bus", f"kafka://{where}")
    assert answer.exit_code == 1
    assert answer.stderr == (
        f"parley: there is no broker at {where} (connection refused); start it, or correct the address in bus_url\n"
    )


@pytest.mark.parametrize("words", [(), ("--bus", "memory"), ("--bus", "http://example")])
def test_without_a_cluster_it_was_told_wrongly(words: tuple[str, ...]) -> None:
    """It says how to name one."""
    answer = topics("create", *words)
    assert answer.exit_code == 2
    assert "--bus kafka://host:port" in answer.stderr or "kafka://host:9092" in answer.stderr
