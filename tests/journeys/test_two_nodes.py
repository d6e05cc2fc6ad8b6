"""Two nodes, Redis, Kafka and workers, each a process of its own: one room on both, until one of them is killed."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
import pytest

from tests.support.alone import apertium
from tests.support.broker import Broker
from tests.support.caller import Caller, Message, Sound, as_sent, call
from tests.support.kafka_workers import bus_url, create_topics, translates, workers
from tests.support.program import Program, program
from tests.support.recordings import Recording
from tests.support.redis_server import RedisServer, own_redis
from tests.support.until import until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(150)]

PREFIX = "twonodes."
ROOM = "bridge"
BACK_WITHIN_S = 8.0
VOICE_BYTES = 16_000
"""Half a second of what the audio socket hears."""
REMEMBERED_S = 1.0
"""A caption is in Redis a quarter of this later."""
SECRET = "both nodes have this secret of 32 bytes"  # noqa: S105
# However slow the machine is, a voice comes: when is not the matter here.
PATIENT_NODE = ("media.voice_deadline_ms=25000", "media.voice_turn_ms=26000")
PATIENT_WORKER = "pipeline.synthesis.deadline_ms=25000"


@dataclass
class Deployment:
    """What runs: two nodes, by the place where people reach them, and what they share."""

    one: Program
    two: Program
    urls: tuple[str, str]


@contextlib.asynccontextmanager
async def deployment(broker: Broker, redis: RedisServer) -> AsyncIterator[Deployment]:
    """Start two nodes and a worker of each stage from the command line."""
    prefix = f"pipeline.kafka.prefix={PREFIX}"
    await create_topics(broker.bootstrap, PREFIX)
    serve = ["serve", "--bus", bus_url(broker.bootstrap), "--port", "0", "--set", "rtc.host=127.0.0.1"]
    serve += ["--set", prefix, "--set", f"signaling.nodes.redis_url={redis.url}"]
    serve += ["--set", f"signaling.token_secret={SECRET}", *_set(PATIENT_NODE)]
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(program(*serve, "--set", f"process.slot={slot}")) for slot in (0, 1)]
        await stack.enter_async_context(workers(broker.bootstrap, prefix, PATIENT_WORKER))
        urls = [(await node.says(r"Parley is at (http://\S+)")).group(1) for node in nodes]
        for url in urls:
            await translates(url, "en", "es")
        yield Deployment(nodes[0], nodes[1], (urls[0], urls[1]))


@contextlib.asynccontextmanager
async def back(url: str, before: Caller, *, speaks: str, hears: str) -> AsyncIterator[Caller]:
    """Come back by another node as the same page would: with the resume token, trying until it is taken."""
    joined = before.events("joined")[-1]
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        while True:
            socket = await http.ws_connect(f"{url}/ws/signaling/{ROOM}", params={"token": joined["resume_token"]})
            caller = Caller(socket)
            listening = asyncio.create_task(caller.listen())
            await caller.send(
                type="join", name="Back", speaking_language=speaks, listening_language=hears, resume=joined["page_id"]
            )
            try:
                caller.participant_id = (await caller.wait_for("joined", limit_s=3))["participant_id"]
                break
            except TimeoutError:
                await socket.close()
                await listening
        stack.push_async_callback(_end, caller, listening)
        await caller.connect()
        yield caller


def _set(settings: tuple[str, ...]) -> list[str]:
    return [word for setting in settings for word in ("--set", setting)]


async def _end(caller: Caller, listening: "asyncio.Task[None]") -> None:
    await caller.close()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


@contextlib.asynccontextmanager
async def hearing(url: str, language: str) -> AsyncIterator[tuple[aiohttp.ClientWebSocketResponse, list[bytes]]]:
    """Listen by an audio socket of a node; gives it and the voices' sound so far."""
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{url}/api/v1/dev-token", json={"room_id": ROOM}) as response:
            token = (await response.json())["token"]
        query = {"token": token, "listening_language": language, "speaking_language": language, "send": "0"}
        async with http.ws_connect(f"{url}/ws/audio/{ROOM}", params=query) as socket:
            voices: list[bytes] = []

            async def listen() -> None:
                async for frame in socket:
                    if frame.type is aiohttp.WSMsgType.BINARY:
                        end = 2 + int.from_bytes(frame.data[:2], "little")
                        if json.loads(frame.data[2:end])["kind"] == "voice":
                            voices.append(frame.data[end:])

            listening = asyncio.create_task(listen(), name="hearing")
            try:
                yield socket, voices
            finally:
                await socket.close()
                await listening


async def say(speaker: Caller, said: list[Sound], *listeners: Caller) -> None:
    """Let one speak, and wait until each listener has a translation of it and its voice."""
    begun = [(len(finals(listener)), len(listener.on("voice"))) for listener in listeners]
    speaker.microphone.play(said)
    for listener, (captions, packets) in zip(listeners, begun, strict=True):
        await until(lambda it=listener, n=captions: len(finals(it)) > n, 25)  # type: ignore[misc]
        await until(lambda it=listener, n=packets: len(it.on("voice")) > n + 20, 10)  # type: ignore[misc]


def finals(listener: Caller) -> list[Message]:
    return [caption for caption in listener.events("caption") if caption["is_final"] and caption["text"]]


def ids(captions: list[Message]) -> list[tuple[str, int]]:
    return [(caption["utterance_id"], caption["clause"]) for caption in captions]


async def test_a_room_outlives_its_node(broker: Broker, recordings: tuple[Recording, ...]) -> None:
    """Both hear each other by different nodes; after a SIGKILL all are back on the other one, and captions go on."""
    said = await asyncio.to_thread(as_sent, recordings[1].samples)
    async with own_redis() as redis, deployment(broker, redis) as it:
        one, two = it.urls
        async with (
            call(one, ROOM, name="Ann", speaks="en", hears="en") as ann,
            call(two, ROOM, name="Ben", speaks="es", hears="es") as ben,
            hearing(two, "es") as (socket, voices),
        ):
            await say(ann, said, ben)
            await until(lambda: sum(map(len, voices)) > VOICE_BYTES)
            await asyncio.sleep(REMEMBERED_S)
            first = finals(ben)
            killed_at = time.monotonic()
            it.one.process.kill()
            await until(lambda: None not in (ben.closed_with(), socket.close_code), BACK_WITHIN_S)
            assert (ben.closed_with(), socket.close_code) == (4307, 4307)
            async with (
                back(two, ben, speaks="es", hears="es") as ben_again,
                back(two, ann, speaks="en", hears="en") as ann_again,
            ):
                took_s = time.monotonic() - killed_at
                assert took_s < BACK_WITHIN_S
                assert ben_again.participant_id == ben.participant_id
                await until(lambda: len(finals(ben_again)) >= len(first), 3)
                assert ids(finals(ben_again)) == ids(first)
                await say(ann_again, said, ben_again)
                captions = finals(ben_again)
    print(f"back after {took_s:.1f} s")  # noqa: T201
    assert len(set(ids(captions))) == len(captions)
    new = captions[len(first) :]
    assert new
    assert [c["text"] for c in new] == [await asyncio.to_thread(apertium, c["source_text"]) for c in new]
