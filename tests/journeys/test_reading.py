"""One who speaks, and others who only read: words are recognised and translated for them, and no voice is made."""

import json
from typing import Any

import aiohttp
import numpy as np
import pytest

from pipeline.messages import AudioChunk, Speech, Translation
from tests.journeys.overheard import overhearing
from tests.journeys.whole_system import whole_system
from tests.signaling.audio.conftest import AudioClient
from tests.support.recordings import recordings, silence
from tests.support.until import until

pytestmark = pytest.mark.journey

STREAM = "/api/v1/rooms/lobby/captions"


async def token_of(http: aiohttp.ClientSession, url: str) -> str:
    async with http.post(f"{url}/api/v1/dev-token", json={"room_id": "lobby"}) as answer:
        return str((await answer.json())["token"])


async def finals(socket: aiohttp.ClientWebSocketResponse, seconds: float) -> list[dict[str, Any]]:
    """Read on until nothing more comes for so long."""
    found: list[dict[str, Any]] = []
    while True:
        try:
            found.append(await socket.receive_json(timeout=seconds))
        except TimeoutError:
            return found


async def next_events(response: aiohttp.ClientResponse, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async for line in response.content:
        if line.startswith(b"data: "):
            found.append(json.loads(line[6:]))
        if len(found) == count:
            break
    return found


async def test_reading_is_a_reason_to_recognise_and_makes_no_voice() -> None:
    """Nobody is analysed before; a reader of Spanish gets Spanish, a late one French; and what is kept is kept."""
    async with whole_system() as system, overhearing(system) as overheard, aiohttp.ClientSession() as http:
        await until(lambda: system.rooms.paths.can("en", "es"), 20)
        token = await token_of(http, system.url)
        query = {"token": token, "name": "Ann", "speaking_language": "en", "listening_language": "en"}
        ann = AudioClient(await http.ws_connect(f"{system.url}/ws/audio/lobby", params=query))
        await ann.told("joined")
        sentence = np.concatenate([recordings()[1].samples, silence(1.0)])
        await ann.say(sentence[: 16_000 * 2], paced=True)
        assert overheard.messages.of(AudioChunk) == [], "nobody needs a word of it"

        system._door.states.change("lobby", keep_transcript=True)
        reading = {"token": await token_of(http, system.url), "language": "es", "interim": "0"}
        async with http.ws_connect(f"{system.url}/ws/captions/lobby", params=reading) as bea:
            await ann.say(sentence, paced=True)
            await overheard.settled()
            spanish = [caption for caption in await finals(bea, 1.0) if caption["text"]]
            assert spanish
            assert {(each["language"], each["source_language"], each["speaker_name"]) for each in spanish} == {
                ("es", "en", "Ann")
            }
            late = {"token": await token_of(http, system.url), "language": "fr"}
            async with http.get(system.url + STREAM, params=late, headers={"Accept": "text/event-stream"}) as stream:
                french = await next_events(stream, len(spanish))
        assert [each["source_text"] for each in french] == [each["source_text"] for each in spanish]
        assert {each["language"] for each in french} == {"fr"}

        await ann.close()
        written = await system._door.transcripts.render("lobby", "es", "vtt")
        assert all(f"<v Ann>{each['text']}" in written for each in spanish)
        made = overheard.messages.of(Translation, lambda text: text.is_final and bool(text.payload))
        assert {(text.language, text.voice) for text in made} == {("es", False), ("fr", False)}
        assert overheard.messages.of(Speech) == []
