"""The whole interface against its own document: schemathesis asks it everything that it should and should not be asked.

It makes requests of the document, good ones and bad ones, and checks that every answer is one that the document tells.
"""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from signaling.identity.settings import TokenSettings
from signaling.settings import SignalingSettings
from tests.fakes.door import served_door

KEY = "k" * 32
SETTINGS = SignalingSettings(
    tokens=TokenSettings(api_keys=(f"tests:{KEY}",)), key_requests_per_second=1e6, key_request_burst=1_000_000
)
# What may be answered to a request as the document has it. 422: the form is right, but there is no such language. 406:
# no stream of events was asked for.
ACCEPTED = ["2xx", "401", "403", "404", "406", "409", "422"]


BLOCKS = "schemathesis makes requests of the document in threads, which keep the door's own from its turn"


@pytest.fixture
def url() -> Iterator[str]:
    """Serve a door in a thread of its own, since schemathesis blocks."""
    ready = threading.Event()
    said: list[Any] = []

    async def serve() -> None:
        stop = asyncio.Event()
        async with served_door(SETTINGS) as door:
            said.extend((door.url, asyncio.get_running_loop(), stop))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield said[0]
    said[1].call_soon_threadsafe(said[2].set)
    thread.join(10)


def configured(examples: int, *, fuzzing: bool) -> SchemathesisConfig:
    """All checks, and the same requests each time: so many stories, and of each kind for each operation if fuzzing."""
    generation = {"max-examples": examples, "deterministic": True, "database": "none", "no-shrink": True}
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": {"Authorization": f"Bearer {KEY}"},
            "generation": generation,
            "phases": {
                # One method that no path has stands for the others.
                "coverage": {"unexpected-methods": ["PUT"]},
                "fuzzing": {"enabled": fuzzing},
                "stateful": {"generation": generation, "max-steps": 5},
            },
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
        }
    )


def ask_everything(url: str, config: SchemathesisConfig) -> int:
    """Give the number of requests that were made; what was wrong fails the test."""
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json", config=config)
    wrong: set[str] = set()
    asked = 0
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            asked += len(event.recorder.interactions)
            results = (each for checks in event.recorder.checks.values() for each in checks)
            failures = (each.failure_info for each in results if each.failure_info is not None)
            wrong |= {f"{each.failure}\n{each.code_sample}" for each in failures}
        elif isinstance(event, events.NonFatalError | events.FatalError):
            wrong.add(str(event))
    assert not wrong, "\n\n".join(sorted(wrong))
    return asked


@pytest.mark.timeout(180)
@pytest.mark.blocks_loop(BLOCKS)
def test_the_interface_is_what_its_document_says(url: str) -> None:
    """No fault of the server, no answer that is not in the document, nothing bad taken, nothing good refused."""
    assert ask_everything(url, configured(1, fuzzing=False)) > 200


@pytest.mark.soak
@pytest.mark.blocks_loop(BLOCKS)
def test_it_is_so_for_long(url: str) -> None:
    """The same with many random requests."""
    assert ask_everything(url, configured(100, fuzzing=True)) > 2_000
