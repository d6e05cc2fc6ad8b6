"""Answering, in an engine's process, what is asked of it."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import structlog

from pipeline.engines import frames
from pipeline.engines.channel import Channel
from pipeline.engines.engine import EngineError
from pipeline.engines.failure import failure
from pipeline.engines.frames import Answered, Asked, Done, Frame, Heard, Packets, Translated
from pipeline.engines.transcriber import Transcription
from pipeline.engines.voicer import EncodingVoicer
from pipeline.engines.window import Window

_log = structlog.get_logger(__name__)


class Serving:
    """One engine, one channel: every request is a task of its own, so that none waits for another here."""

    def __init__(self, engine: Any, channel: Channel[Asked], *, bit_rate: int) -> None:
        """`engine` satisfies one of the three protocols, and is started."""
        self._engine = engine
        self._channel = channel
        self._voicer = EncodingVoicer(engine, bit_rate=bit_rate) if hasattr(engine, "synthesize") else None
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._utterances: dict[int, Transcription] = {}
        self._windows: dict[int, Window] = {}
        self._answers: dict[type[Frame], Callable[[Any], Awaitable[Answered]]] = {
            frames.Open: self._open,
            frames.Push: self._push,
            frames.Peek: self._peek,
            frames.Finish: self._finish,
            frames.Abort: self._abort,
            frames.Translate: self._translate,
            frames.Warm: self._warm,
            frames.Speak: self._speak,
        }

    async def run(self) -> None:
        """Serve until the other side is gone."""
        async for frame in self._channel:
            self._take(frame)
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for utterance in tuple(self._utterances.values()):
            await utterance.abort()

    def _take(self, frame: Asked) -> None:
        if isinstance(frame, frames.Ping):
            self._channel.send(Done(id=frame.id))
        elif isinstance(frame, frames.Cancel):
            if task := self._tasks.get(frame.id):
                task.cancel()
        elif isinstance(frame, frames.Forget):
            if self._voicer is not None:
                self._voicer.forget(frame.voice_seed)
        elif isinstance(frame, frames.More):
            if window := self._windows.get(frame.id):
                window.give(frame.packets)
        else:
            task = asyncio.create_task(self._answer(frame), name=type(frame).__name__)
            self._tasks[frame.id] = task
            task.add_done_callback(lambda _: self._tasks.pop(frame.id, None))

    async def _answer(self, frame: Frame) -> None:
        """Answer one request; whatever an engine throws is caught here, and costs that request."""
        try:
            answer = await self._answers[type(frame)](frame)
        except EngineError as error:
            answer = failure(frame.id, error)
        except Exception as error:
            # Not its message, which may quote what was said.
            where = traceback.format_tb(error.__traceback__)
            _log.error("engine_failed", request=type(frame).__name__, error=type(error).__name__, traceback=where)
            answer = failure(frame.id, EngineError(f"{type(error).__name__} in the engine"))
        self._channel.send(answer)
        await self._channel.drained()

    async def _open(self, asked: frames.Open) -> Answered:
        self._utterances[asked.id] = await self._engine.open(asked.language, asked.speaker, asked.hints)
        return Done(id=asked.id)

    async def _push(self, asked: frames.Push) -> Answered:
        return Heard(id=asked.id, hypothesis=await self._utterance(asked.utterance).push(asked.pcm))

    async def _peek(self, asked: frames.Peek) -> Answered:
        return Heard(id=asked.id, hypothesis=await self._utterance(asked.utterance).peek())

    async def _finish(self, asked: frames.Finish) -> Answered:
        utterance = self._utterance(asked.utterance)
        del self._utterances[asked.utterance]
        return Heard(id=asked.id, hypothesis=await utterance.finish())

    async def _abort(self, asked: frames.Abort) -> Answered:
        if utterance := self._utterances.pop(asked.utterance, None):
            await utterance.abort()
        return Done(id=asked.id)

    async def _translate(self, asked: frames.Translate) -> Answered:
        return Translated(id=asked.id, text=await self._engine.translate(asked.request))

    async def _warm(self, asked: frames.Warm) -> Answered:
        if hasattr(self._engine, "warm"):
            await self._engine.warm(asked.source, asked.target)
        return Done(id=asked.id)

    async def _speak(self, asked: frames.Speak) -> Answered:
        if self._voicer is None:
            raise EngineError("this engine does not speak")
        window = self._windows[asked.id] = Window(asked.window)
        try:
            async with aclosing(self._voicer.batches(asked.request)) as batches:
                async for batch in batches:
                    await window.take(len(batch))
                    self._channel.send(Packets(id=asked.id, packets=batch))
        finally:
            del self._windows[asked.id]
        return Done(id=asked.id)

    def _utterance(self, id_: int) -> Transcription:
        try:
            return self._utterances[id_]
        except KeyError:
            raise EngineError("the utterance is over") from None
