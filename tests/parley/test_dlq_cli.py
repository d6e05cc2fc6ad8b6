"""`parley dlq`."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from typer.testing import CliRunner, Result

from parley import buses, logs
from parley.cli import app
from pipeline.bus.bus import BusUnavailableError
from pipeline.bus.memory import MemoryBus
from pipeline.messages import Transcript
from tests.fakes.letters import letter
from tests.pipeline.support import translation

LETTERS = [letter(offset=1), letter(offset=2, error="TimeLimitError"), letter(offset=3, originals=(b"\xc1",))]


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryBus]:
    """Give the bus that the command opens, with three letters on it."""
    kept = MemoryBus()

    @contextlib.asynccontextmanager
    async def open_bus(_settings: object) -> AsyncIterator[MemoryBus]:
        yield kept

    async def fill() -> None:
        for one in LETTERS:
            await kept.publish(one)

    monkeypatch.setattr(buses, "open_bus", open_bus)
    monkeypatch.setattr(logs, "configure", lambda _settings: None)
    asyncio.run(fill())
    yield kept
    asyncio.run(kept.close())


def dlq(*words: str) -> Result:
    return CliRunner().invoke(app, ["dlq", *words, "--bus", "kafka://127.0.0.1:1"])


def left(bus: MemoryBus) -> list[str]:
    return [one["id"] for one in json.loads(dlq("list", "--json").stdout)]


def transcripts(bus: MemoryBus) -> int:
    async def count() -> int:
        return len([record async for record in bus.history(Transcript.TOPIC)])

    return asyncio.run(count())


def test_letters_are_listed_and_counted(bus: MemoryBus) -> None:
    """The table on standard output, the count on standard error."""
    result = dlq("list", "--error", "EngineError")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == [LETTERS[0].id, LETTERS[2].id]
    assert "2 letters" in result.stderr


def test_a_letter_is_shown(bus: MemoryBus) -> None:
    """For people and for programs; one that is not there is an error."""
    assert "worker_version: 1.0" in dlq("show", LETTERS[0].id).stdout
    (document,) = json.loads(dlq("show", LETTERS[0].id, "--json").stdout)
    assert document["originals"][0]["schema"] == "transcript"
    missing = dlq("show", "nobody")
    assert (missing.exit_code, "no letter nobody" in missing.stderr) == (1, True)


def test_replayed_letters_are_gone_and_refused_ones_stay(bus: MemoryBus) -> None:
    """With counts at the end; refusing is no success."""
    result = dlq("replay", "--all", "--per-second", "0")
    assert result.exit_code == 1
    assert "3 letters: 2 replayed (2 records), 0 of which nothing was missing, 1 refused" in result.stderr
    assert "cannot be read" in result.stderr
    assert (left(bus), transcripts(bus)) == ([LETTERS[2].id], 2)


def test_a_dry_run_changes_nothing(bus: MemoryBus) -> None:
    """Neither of replaying nor of purging."""
    assert "1 would be replayed" in dlq("replay", LETTERS[0].id, "--dry-run").stderr
    assert "3 letters: would be thrown away" in dlq("purge", "--all", "--dry-run").stderr
    assert (len(left(bus)), transcripts(bus)) == (3, 0)


def test_letters_can_be_kept_and_are_not_replayed_twice(bus: MemoryBus) -> None:
    """Once its outcome is there."""
    assert dlq("replay", LETTERS[0].id, "--keep", "--per-second", "0").exit_code == 0
    asyncio.run(bus.publish(translation("hola", final=True, utterance="u1")))
    again = dlq("replay", LETTERS[0].id, "--keep", "--per-second", "0")
    assert "1 letter: 0 replayed (0 records), 1 of which nothing was missing" in again.stderr
    assert (len(left(bus)), transcripts(bus)) == (3, 1)


def test_letters_are_purged_by_what_they_say(bus: MemoryBus) -> None:
    """The others stay."""
    assert dlq("purge", "--error", "TimeLimitError").exit_code == 0
    assert LETTERS[1].id not in left(bus)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["replay"], "say which letters"),
        (["purge"], "say which letters"),
        (["list", "--stage", "hearing"], "it is one of recognition, translation, synthesis"),
        (["list", "--since", "soon"], "write 10m or 2h"),
        (["list", "--set", "nothing"], "write NAME=VALUE"),
    ],
)
def test_what_is_said_wrongly_is_told(bus: MemoryBus, words: list[str], says: str) -> None:
    """With exit code 2, and nothing happens."""
    result = dlq(*words)
    assert (result.exit_code, says in result.stderr) == (2, True)


def test_the_memory_bus_has_no_letters_to_be_seen_from_outside() -> None:
    """It says where to look."""
    result = CliRunner().invoke(app, ["dlq", "list", "--bus", "memory"])
    assert (result.exit_code, "name the broker" in result.stderr) == (2, True)


def test_a_broker_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With exit code 1 and what to do."""
    bus = MemoryBus()
    bus.closed = True

    @contextlib.asynccontextmanager
    async def open_bus(_settings: object) -> AsyncIterator[MemoryBus]:
        if bus.closed:
            raise BusUnavailableError("no broker answers", "start it")
        yield bus

    monkeypatch.setattr(buses, "open_bus", open_bus)
    monkeypatch.setattr(logs, "configure", lambda _settings: None)
    result = dlq("list")
    assert (result.exit_code, "no broker answers; start it" in result.stderr) == (1, True)
