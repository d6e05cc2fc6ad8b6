"""One engine's process, seen from the process that asks it."""

import asyncio
import contextlib
import importlib
import itertools
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncGenerator, Iterator
from typing import Self

import msgspec
import structlog
from prometheus_client import Counter, Histogram

from pipeline.engines.channel import Channel
from pipeline.engines.engine import (
    EngineCrashedError,
    EngineError,
    EngineTimeoutError,
    EngineUnavailableError,
)
from pipeline.engines.failure import error_of
from pipeline.engines.frames import Answered, Begin, Cancel, Failed, Frame, More, Packets, Ping, Ready, Speak
from pipeline.engines.settings import EngineSettings
from pipeline.engines.spawn import spawn
from pipeline.engines.synthesizer import SynthesisRequest

_log = structlog.get_logger(__name__)

_SECONDS = Histogram(
    "parley_engine_answer_seconds",
    "Time from a request to an engine's process until its answer, however it ends.",
    ["engine", "request"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
_FAILURES = Counter("parley_engine_failures_total", "Requests that an engine could not answer.", ["engine", "error"])

END_LIMIT_S = 3.0
"""Seconds that the process has to end by itself once its socket is closed; then it and its programs are killed."""
LINE_BYTES = 500
"""A line that an engine prints is cut to this in the log."""

Inbox = asyncio.Queue[Answered | EngineError]
"""What came for one request. Holds one answer, or no more than a Speak's window of packets."""


class Child:
    """One life of an engine's process, from `start` until it ends, for whatever reason. It is not started again.

    Requests overlap freely. All that are in work fail with EngineCrashedError when it ends.
    """

    def __init__(self, name: str, settings: EngineSettings, process: Process, channel: Channel[Answered]) -> None:
        """Use `start`."""
        self.name = name
        self.ready = Ready()
        # Set once nothing can be asked any more.
        self.ended = asyncio.Event()
        # Utterances open in it: with the requests in work they are its load.
        self.utterances = 0
        self._settings = settings
        self._process = process
        self._channel = channel
        self._ids = itertools.count(1)
        self._inboxes: dict[int, Inbox] = {}
        self._first: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
        self._last_frame = asyncio.get_running_loop().time()
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def start(cls, module: str, settings: EngineSettings) -> Self:
        """Start a process for the engine in `module`, and wait until it is ready.

        Raises:
            EngineUnavailableError: it says so, or it did not get ready in `settings.start_limit_s`.
            EngineCrashedError: it ended before it was ready; its log says why.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            channel: Channel[Answered] = await Channel.over(ours, Answered)
            try:
                process = await _spawn(module, settings, theirs)
            except BaseException:
                await channel.close()
                raise
        child = cls(module.rpartition(".")[2], settings, process, channel)
        channel.send(Begin(options=_options(module, settings)))
        child._tasks = [asyncio.create_task(work, name=child.name) for work in (child._read(), child._log_output())]
        try:
            async with asyncio.timeout(settings.start_limit_s):
                child.ready = await child._first
        except TimeoutError:
            await child.close()
            why = f"{child.name} was not ready in {settings.start_limit_s:.0f} s"
            raise EngineUnavailableError(why, "see the log, or allow it more time") from None
        except BaseException:
            await child.close()
            raise
        child._tasks.append(asyncio.create_task(child._watch(), name=f"watch {child.name}"))
        return child

    @property
    def load(self) -> int:
        """How much it has to do."""
        return self.utterances + len(self._inboxes)

    @property
    def process_id(self) -> int:
        """The operating system's number of it."""
        return self._process.pid

    def next_id(self) -> int:
        """Give an id for a new request."""
        return next(self._ids)

    async def ask(self, frame: Frame) -> Answered:
        """Ask, and wait for the answer. Cancelling tells the engine that nobody waits.

        Raises:
            EngineError: what the engine says, EngineCrashedError or EngineTimeoutError.
        """
        with _SECONDS.labels(self.name, type(frame).__name__).time(), self._inbox(frame) as inbox:
            return await self._next(inbox)

    async def packets(self, request: SynthesisRequest) -> AsyncGenerator[list[bytes], None]:
        """Ask for speech, and yield its packets as they come. Closing the iterator tells the engine to stop.

        Raises:
            EngineError: as `ask`; the time limit is for each piece.
        """
        asked = Speak(id=self.next_id(), request=request, window=self._settings.packet_window)
        with self._inbox(asked) as inbox:
            while isinstance(answer := await self._next(inbox), Packets):
                yield answer.packets
                self._channel.send(More(id=asked.id, packets=len(answer.packets)))

    def tell(self, frame: Frame) -> None:
        """Say something whose answer nobody needs."""
        self._channel.send(frame)

    async def close(self) -> None:
        """End the process. Harmless twice; requests in work fail."""
        await self._channel.close()
        try:
            # Not `wait_for`: cancelled just as the process ends, it forgets that it was (CPython 3.11).
            async with asyncio.timeout(END_LIMIT_S):
                await asyncio.shield(self._process.wait())
        except TimeoutError:
            self._kill()
            await self._process.wait()
        self._end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextlib.contextmanager
    def _inbox(self, frame: Frame) -> Iterator[Inbox]:
        """Send a request and take in its answers until the caller has what it wants, or wants no more."""
        if self.ended.is_set():
            raise self._crashed()
        inbox = self._inboxes[frame.id] = Inbox()
        self._channel.send(frame)
        try:
            yield inbox
        except BaseException:
            self._channel.send(Cancel(id=frame.id))
            raise
        finally:
            del self._inboxes[frame.id]

    async def _next(self, inbox: Inbox) -> Answered:
        try:
            async with asyncio.timeout(self._settings.answer_limit_s):
                await self._channel.drained()
                answer = await inbox.get()
        except TimeoutError:
            answer = EngineTimeoutError(f"{self.name}: no answer in {self._settings.answer_limit_s} s")
        if isinstance(answer, Failed):
            answer = error_of(answer)
        if isinstance(answer, EngineError):
            _FAILURES.labels(self.name, type(answer).__name__).inc()
            raise answer
        return answer

    async def _read(self) -> None:
        """Give out what the process says, until it says no more."""
        try:
            async for frame in self._channel:
                self._last_frame = asyncio.get_running_loop().time()
                self._take(frame)
        except msgspec.DecodeError:
            _log.exception("engine_unreadable", engine=self.name)
            self._kill()
        finally:
            self._end()

    def _take(self, frame: Answered) -> None:
        if inbox := self._inboxes.get(frame.id):
            inbox.put_nowait(frame)
        elif not self._first.done():
            if isinstance(frame, Ready):
                self._first.set_result(frame)
            elif isinstance(frame, Failed):
                self._first.set_exception(error_of(frame))

    def _end(self) -> None:
        self.ended.set()
        if not self._first.done():
            self._first.set_exception(self._crashed())
            self._first.exception()  # `start` may have given up
        for inbox in self._inboxes.values():
            inbox.put_nowait(self._crashed())

    def _crashed(self) -> EngineCrashedError:
        return EngineCrashedError(f"the process of {self.name} ended")

    async def _watch(self) -> None:
        """Kill the process if it hangs: it answers no ping for `hung_after_s`."""
        clock = asyncio.get_running_loop().time
        every = self._settings.hung_after_s / 4
        asked_at = clock()
        while not self.ended.is_set():
            self._channel.send(Ping())
            await asyncio.sleep(every)
            # Not by the clock alone: this process itself may have been stopped for a while.
            if self._last_frame >= asked_at:
                asked_at = clock()
            elif clock() - asked_at > self._settings.hung_after_s:
                _log.error("engine_hung", engine=self.name, seconds=self._settings.hung_after_s)
                self._kill()
                return

    async def _log_output(self) -> None:
        """Put what the process prints into the log."""
        if (output := self._process.stdout) is None:
            return
        with contextlib.suppress(OSError):
            while line := await _line(output):
                _log.warning("engine_output", engine=self.name, line=line[:LINE_BYTES].decode(errors="replace").strip())

    def _kill(self) -> None:
        """Kill it and the programs it runs: it leads a process group of its own."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


async def _line(output: asyncio.StreamReader) -> bytes:
    try:
        return await output.readuntil()
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        return await output.read(error.consumed)


async def _spawn(module: str, settings: EngineSettings, theirs: socket.socket) -> Process:
    return await spawn(
        *_command(module, settings, theirs.fileno()),
        pass_fds=(theirs.fileno(),),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            # Libraries that fetch models on their own do not: nothing is downloaded in the middle of a call.
            "HF_HUB_OFFLINE": "1",
        },
        # Ctrl-C in the terminal is for the parent, which then ends this in order.
        start_new_session=True,
    )


def _options(module: str, settings: EngineSettings) -> bytes:
    """Write down what is set about the engine in `module`."""
    try:
        kind = getattr(importlib.import_module(module).Engine, "Options", None)
    except ImportError:  # the process will say so
        kind = None
    return b"" if kind is None else msgspec.msgpack.encode(settings.options(kind))


def _command(module: str, settings: EngineSettings, fd: int) -> list[str]:
    options = {
        "fd": fd,
        "parent": os.getpid(),
        "module": module,
        "nice": settings.niceness,
        "bit-rate": settings.bit_rate,
    }
    # -P: modules are found where this process finds them, and nowhere else.
    return [sys.executable, "-P", "-m", "pipeline.engines.host", *(f"--{name}={is_}" for name, is_ in options.items())]
