"""Messages with everything filled in, a speaker who talks onto a bus, and a listener who writes down what comes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypedDict, TypeVar, Unpack

from pipeline.bus.bus import Bus, Subscription
from pipeline.messages import AudioChunk, Message, Speech, Target, Times, Transcript, Translation
from pipeline.messages.audio_chunk import BYTES_PER_MS
from tests.fakes.virtual_time import EPOCH_MS

M = TypeVar("M", bound=Message)

SPANISH = (Target("es"),)

# An interim text, if nothing else is said.
CLAUSE = {"clause": 0, "revision": 1, "is_final": False, "ended_at_ms": EPOCH_MS}


class Ids(TypedDict, total=False):
    """Whose words, and in which utterance."""

    utterance: str
    user: str


class Text(Ids, total=False):
    """What a test may say of a text, whichever message holds it."""

    clause: int
    revision: int
    final: bool
    speculative: bool
    last: bool
    language: str
    ended_at_ms: int
    skipped: bool
    reason: str


def fields(said: Ids, **otherwise: object) -> dict[str, Any]:
    """Give a message's fields: what the test says under its own short names, and the rest made up."""
    names = {"utterance": "utterance_id", "user": "user_id", "final": "is_final"}
    made_up = {"room_id": "room", "user_id": "ann", "utterance_id": "u1", "sequence_number": 1}
    return {**made_up, **otherwise, **{names.get(name, name): value for name, value in said.items()}}


def chunk(
    start_ms: int = 0,
    *,
    ms: int = 100,
    language: str = "en",
    targets: Sequence[Target] = SPANISH,
    maybe_last: int = 0,
    last: bool = False,
    confirms: int = 0,
    times: Times | None = None,
    **ids: Unpack[Ids],
) -> AudioChunk:
    return AudioChunk(
        times=times or Times(captured_at_ms=EPOCH_MS + start_ms + ms),
        payload=bytes(ms * BYTES_PER_MS),
        start_ms=start_ms,
        utterance_started_at_ms=EPOCH_MS,
        language=language,
        targets=tuple(targets),
        maybe_last=maybe_last,
        last=last,
        confirms=confirms,
        **fields(ids, sequence_number=start_ms),
    )


def transcript(text: str = "hello", *, targets: Sequence[Target] = SPANISH, **said: Unpack[Text]) -> Transcript:
    return Transcript(payload=text, targets=tuple(targets), **fields(said, language="en", **CLAUSE))


def translation(text: str = "hola", *, backlog_ms: int = 0, **said: Unpack[Text]) -> Translation:
    return Translation(
        payload=text,
        source_text="hello",
        source_language="en",
        backlog_ms=backlog_ms,
        **fields(said, language="es", **CLAUSE),
    )


def packets_of(records: Sequence[Speech]) -> list[str]:
    """Name the packets of some Speech in order."""
    return [packet.decode() for record in records for packet in record.packets]


class Heard:
    """What came on some topics so far."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._came = asyncio.Event()

    def note(self, message: Message) -> None:
        self.messages.append(message)
        self._came.set()

    def of(self, kind: type[M], where: Callable[[M], bool] = lambda _: True) -> list[M]:
        return [message for message in self.messages if isinstance(message, kind) and where(message)]

    async def until(self, kind: type[M], where: Callable[[M], bool] = lambda _: True) -> M:
        """Wait for the first of a kind."""
        while not (found := self.of(kind, where)):
            self._came.clear()
            await self._came.wait()
        return found[0]


@asynccontextmanager
async def listening(bus: Bus, *topics: str) -> AsyncIterator[Heard]:
    """Write down what is published on these topics; on all that follow from speech if none are named."""
    heard = Heard()

    async def listen(subscription: Subscription) -> None:
        async for record in subscription:
            heard.note(record.message)

    names = topics or (Transcript.TOPIC, Translation.TOPIC, Speech.TOPIC, "pipeline.dlq", "pipeline.status")
    async with bus.subscribe(*names) as subscription:
        task = asyncio.create_task(listen(subscription))
        try:
            yield heard
        finally:
            task.cancel()
            await asyncio.wait([task])


async def say(bus: Bus, *chunks: AudioChunk) -> None:
    """Publish chunks as a microphone gives them: each when its sound is over."""
    for one in chunks:
        await asyncio.sleep(one.end_ms / 1000 - one.start_ms / 1000)
        await bus.publish(one)


def speech_of(
    ms: int, *, step: int = 100, start_ms: int = 0, utterance: str = "u1", user: str = "ann"
) -> list[AudioChunk]:
    """Give the chunks of an utterance of so much sound, without its end."""
    return [chunk(at, ms=step, utterance=utterance, user=user) for at in range(start_ms, start_ms + ms, step)]


async def uncommitted(bus: Bus, topic: str, group: str) -> list[Message]:
    """Say what the next member of a group would get, now that all have left."""
    left: list[Message] = []

    async def read() -> None:
        async with bus.work(topic, group) as work:
            async for record in work:
                left.append(record.message)  # noqa: PERF401  # what came before the time is over counts

    with suppress(TimeoutError):
        await asyncio.wait_for(read(), 0.1)
    return left
