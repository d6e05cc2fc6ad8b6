"""A run: everybody joins, talks in turn, and writes down what they hear."""

import asyncio
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from parley.load.load import Load
from parley.load.plan import LoadPlan, seats, turns
from tests.fakes.switchboard import Script, Switchboard, caption, captions, joined, switchboard, tell
from tests.parley.client.test_audio_socket import message
from tests.parley.load.people import speech

PLAN = LoadPlan(url="", clients=2, seconds=0.8, pause_s=0.1, settle_s=0.2)
SPEECHES = {"en": [speech(1.0)]}


async def run(server: Switchboard, plan: LoadPlan, stop: asyncio.Event | None = None) -> Load:
    plan = replace(plan, url=server.url)
    people = seats(plan)
    async with aiohttp.ClientSession() as http:
        load = Load(plan, people, turns(plan, people, SPEECHES), http=http, stop=stop)
        async with asyncio.timeout(10):
            await load.run()
    return load


def hall() -> Script:
    """Let people join under numbers; when anybody has said something, all others hear and read it."""
    sockets: list[web.WebSocketResponse] = []
    answered: set[int] = set()

    async def script(socket: web.WebSocketResponse) -> None:
        number = len(sockets)
        sockets.append(socket)
        await tell(socket, joined(f"p-{number}"))
        async for frame in socket:
            if frame.type is web.WSMsgType.BINARY and number not in answered:
                answered.add(number)
                await asyncio.gather(*(answer(each, number) for each in sockets if each is not socket))

    async def answer(socket: web.WebSocketResponse, number: int) -> None:
        who = {"speaker_id": f"p-{number}", "utterance_id": f"u{number}"}
        await tell(socket, {**caption("hola"), **who})
        await socket.send_bytes(message(speaker_id=who["speaker_id"], utterance_id=who["utterance_id"]))

    return script


async def test_what_is_said_is_heard_and_read() -> None:
    """By everybody else; everybody leaves when nothing more is due."""
    async with switchboard(hall()) as server:
        load = await run(server, PLAN)
    assert load.diary.tally == (2, 2)
    assert len(load.diary.joins_s) == 2
    assert (load.stopped, dict(load.diary.errors)) == (False, {})


async def test_whoever_cannot_join_is_counted() -> None:
    """The others go on without them; nothing is due to who is not there."""
    async with switchboard(hall()) as server:
        server.refusals = [503]
        load = await run(server, replace(PLAN, joins_at_once=1))
    assert load.diary.errors == {"join: RejectedError 503": 1}
    assert len(load.diary.joins_s) == 1
    assert load.diary.tally == (0, 0)


async def test_a_call_that_ends_is_counted() -> None:
    """With the code it was closed with; the run goes on."""
    async with switchboard(captions(joined(), close=4409)) as server:
        load = await run(server, replace(PLAN, seconds=0.1))
    assert load.diary.errors["call: ReplacedError 4409"] == 2


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.8])
async def test_it_can_be_stopped_at_any_time(after_s: float) -> None:
    """Before everybody is in, before anybody talks, and while they do: what was until then is there."""
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(after_s, stop.set)
    async with switchboard(hall()) as server:
        load = await run(server, replace(PLAN, seconds=60.0, clients=4), stop)
    assert load.stopped
    assert load.seconds < 2


async def test_it_waits_no_longer_than_it_should_for_what_is_due() -> None:
    """A server that says nothing delivers nothing."""

    async def silent(socket: web.WebSocketResponse) -> None:
        await tell(socket, joined())
        async for _ in socket:
            pass

    async with switchboard(silent) as server:
        load = await run(server, PLAN)
    assert load.diary.tally == (0, 2)
