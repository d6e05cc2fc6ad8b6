"""Without WebRTC: one sentence of English in by an audio socket, its Spanish voice out by another."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import numpy as np
import pytest
import pytest_asyncio

from pipeline.messages import AudioChunk
from tests.journeys.overheard import Overheard, overhearing
from tests.journeys.whole_system import whole_system
from tests.signaling.audio.conftest import AudioClient
from tests.support.opus import decode
from tests.support.recordings import recordings, silence
from tests.support.similarity import best_match, envelope
from tests.support.until import until

pytestmark = [pytest.mark.journey, pytest.mark.asyncio(loop_scope="module")]


@dataclass
class Visit:
    """The two clients, and what happened."""

    ann: AudioClient
    ben: AudioClient
    overheard: Overheard


async def client(http: aiohttp.ClientSession, url: str, name: str, speaks: str, hears: str) -> AudioClient:
    """Come in by an audio socket, with a token as a page of this machine gets it."""
    async with http.post(f"{url}/api/v1/dev-token", json={"room_id": "lobby"}) as answer:
        token = (await answer.json())["token"]
    query = {"token": token, "name": name, "speaking_language": speaks, "listening_language": hears, "captions": "1"}
    return AudioClient(await http.ws_connect(f"{url}/ws/audio/lobby", params=query))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visit() -> AsyncIterator[Visit]:
    """Let Ann say one sentence, as it is spoken, and Ben hear it."""
    async with whole_system() as system, overhearing(system) as overheard, aiohttp.ClientSession() as http:
        await until(lambda: system.rooms.paths.can("en", "es"), 20)
        ann = await client(http, system.url, "Ann", "en", "en")
        ben = await client(http, system.url, "Ben", "es", "es")
        await ben.told("joined")
        await ann.say(np.concatenate([recordings()[1].samples, silence(1.0)]), paced=True)
        await overheard.settled()
        await ben.until(lambda: ben.sounds and ben.sounds[-1][0].last)
        yield Visit(ann, ben, overheard)
        await ann.close()
        await ben.close()


async def test_ben_hears_every_clause_in_spanish_as_it_was_made(visit: Visit) -> None:
    """The PCM is what the synthesizer's packets decode to, of each clause, in the order of what was said."""
    speaker = visit.overheard.messages.of(AudioChunk)[0].user_id
    clauses = visit.overheard.clauses(speaker)
    assert clauses
    heard = envelope(visit.ben.heard("voice", speaker), 16_000)
    after = 0
    for clause in clauses:
        voice = envelope(decode(visit.overheard.packets(clause, "es")), 48_000)
        likeness, at = best_match(voice, heard[after:])
        assert likeness > 0.95
        after += at + len(voice) // 2


async def test_nothing_is_missing_and_nothing_else_is_heard(visit: Visit) -> None:
    """Sequences have no hole, the end is marked, and Ann, who is alone in her language, hears nothing."""
    headers = [header for header, _ in visit.ben.sounds]
    assert {header.kind for header in headers} == {"voice"}
    assert [header.sequence for header in headers] == list(range(1, len(headers) + 1))
    assert headers[-1].last
    assert visit.ann.sounds == []


async def test_the_voice_is_in_time(visit: Visit) -> None:
    """Each clause begins within the deadline of a voice, by what the header says."""
    begun: dict[int, int] = {}
    for header, _ in visit.ben.sounds:
        begun.setdefault(header.ended_at_ms, header.timestamp_ms)
    lateness = [first - ended for ended, first in begun.items() if ended]
    assert lateness
    assert max(lateness) < 10_000


async def test_both_read_what_was_said(visit: Visit) -> None:
    """Captions come as text on the same socket: her words to Ann, their translation to Ben."""
    await visit.ben.until(lambda: [text for text in visit.ben.of("caption") if text["is_final"]])
    (ann, ben) = ([text for text in who.of("caption") if text["is_final"]] for who in (visit.ann, visit.ben))
    assert {text["language"] for text in ann} == {"en"}
    assert {text["language"] for text in ben} == {"es"}
