"""The examples in the client's README run, against a whole system whose engines follow a script."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from parley.system import System
from signaling.webhooks.signature import headers_of
from tests.fakes.audible import TEXT, Audible
from tests.fakes.switchboard import captions, joined, switchboard
from tests.journeys.whole_system import whole_system
from tests.support.caller import loopback
from tests.support.recordings import Recording
from tests.support.source_tree import ROOT

pytestmark = pytest.mark.journey

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "parley/client/README.md").read_text(), re.DOTALL)
SECRET = "whsec_" + "c2VjcmV0" * 6


@pytest.fixture
def examples() -> dict[str, Any]:
    """All that the README defines, by name."""
    names: dict[str, Any] = {}
    for block in BLOCKS:
        exec(compile(block, "README.md", "exec"), names)  # noqa: S102 - our own examples
    return names


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with whole_system(Audible()) as made:
        with loopback():
            yield made


async def test_people_talk_and_bots_hear_and_read(
    system: System, examples: dict[str, Any], recording: Recording
) -> None:
    """One says something; the others hear it in Spanish, and read it in the room and from outside."""
    pcm = recording.samples[:32_000].tobytes()
    async with asyncio.timeout(20):
        outside = asyncio.create_task(examples["subtitles"](system.url))
        ears = asyncio.create_task(examples["transcribe"](system.url))
        await asyncio.sleep(0.5)
        # Nobody else listens in Spanish but those who do.
        assert await examples["say_and_read"](system.url, pcm) == TEXT
        heard = await ears
        shown = await outside
    assert {each.split(" ", 1)[1] for each in heard} == {"voice es"}
    assert shown == f"{heard[0].split()[0]}: es({TEXT})"


async def test_tokens_are_made_and_webhooks_verified(examples: dict[str, Any]) -> None:
    """With a key and a secret."""
    async with switchboard(captions(joined())) as server:
        server.answers = [web.json_response({"token": "abc"}, status=201)]
        assert await examples["invite"](server.url, "key") == "abc"
    body = b'{"id": "evt_1", "type": "room_started", "at_ms": 1, "data": {"room_id": "demo"}}'
    assert (
        examples["receive"](SECRET, headers_of((SECRET,), "evt_1", int(time.time()), body), body)
        == "room_started in demo"
    )


def test_every_example_is_run() -> None:
    """Whoever adds one adds a test."""
    assert len(BLOCKS) == 5
