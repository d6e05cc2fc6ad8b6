"""A chain of Apertium's programs that keeps running: a request goes in here, its answer comes out there."""

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable
from contextlib import ExitStack, suppress

import structlog

from pipeline.engines.apertium.mode import Mode
from pipeline.engines.apertium.stream_format import from_stream, is_whole, to_stream
from pipeline.engines.apertium.tagger import Tagger, forgets_itself
from pipeline.engines.engine import EngineCrashedError, EngineTimeoutError, EngineUnavailableError
from pipeline.engines.spawn import spawn

_log = structlog.get_logger(__name__)

ANSWER_BYTES = 1 << 20
"""An answer longer than this is a fault; asyncio's reader stops there."""
CLOSE_LIMIT_S = 1.0
"""Seconds that programs have to end by themselves once their input has ended; then they are killed."""


class Pipeline:
    """One mode's running programs. Requests wait for each other; nothing runs until the first, or `start`.

    When a program dies, the request in work fails, and the next one starts all of them again.
    """

    def __init__(self, mode: Mode, *, limit_s: float = 10.0) -> None:
        self.mode = mode
        self._limit_s = limit_s
        self._turn = asyncio.Lock()
        # In the order of the pipeline, but for its taggers.
        self._programs: list[Process] = []
        self._taggers: list[Tagger] = []
        self._closed = False
        # Requests in work, also those whose caller has gone: their answers must still be taken out of the pipe.
        self._exchanges: set[asyncio.Task[str]] = set()

    @property
    def busy(self) -> bool:
        """Whether a request is in work or waits."""
        return bool(self._exchanges) or self._turn.locked()

    @property
    def running(self) -> bool:
        """Whether every program is alive."""
        alive = [program.returncode is None for program in self._programs]
        return bool(alive) and all(alive) and all(tagger.running for tagger in self._taggers)

    async def start(self) -> None:
        """Start the programs now, rather than at the first request."""
        async with self._turn:
            await self._ensure()

    async def translate(self, text: str) -> str:
        """Translate one `plain` text. Cancelling leaves the pipeline in order.

        Raises:
            EngineCrashedError: a program died.
            EngineTimeoutError: no answer within the limit, waiting for earlier requests not counted.
            EngineUnavailableError: a program is not installed.
        """
        exchange = asyncio.create_task(self._exchange(text), name=f"apertium {self.mode.name}")
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._forget)
        return await asyncio.shield(exchange)

    async def close(self) -> None:
        """End all programs, for good. Harmless twice; requests in work may fail."""
        self._closed = True
        if self._programs and self._programs[0].stdin is not None:
            self._programs[0].stdin.close()
        try:
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await self._turn.acquire()
        except TimeoutError:  # a program hangs
            for program in self._programs:
                _kill(program)
            await self._turn.acquire()
        try:
            await self._end()
        finally:
            self._turn.release()

    def _forget(self, exchange: asyncio.Task[str]) -> None:
        self._exchanges.discard(exchange)
        if not exchange.cancelled():
            exchange.exception()  # whoever still waits gets it from the shield

    async def _exchange(self, text: str) -> str:
        async with self._turn:
            await self._ensure()
            try:
                async with asyncio.timeout(self._limit_s):
                    answer = await self._ask(to_stream(text))
            except TimeoutError:  # before OSError, which it is one of
                await self._give_up()
                raise EngineTimeoutError(f"apertium {self.mode.name}: no answer in {self._limit_s} s") from None
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
                await self._give_up()
                raise EngineCrashedError(f"apertium {self.mode.name}: a program of the pipeline died") from None
            for tagger in self._taggers:
                await tagger.refresh()
            return from_stream(answer)

    async def _ask(self, request: bytes) -> bytes:
        entrance, exit_ = self._programs[0].stdin, self._programs[-1].stdout
        if entrance is None or exit_ is None:
            raise BrokenPipeError
        entrance.write(request)
        await entrance.drain()
        answer = await exit_.readuntil(b"\0")
        if not is_whole(answer):  # programs write a NUL of their own when their input ends
            raise asyncio.IncompleteReadError(answer, None)
        return answer

    async def _give_up(self) -> None:
        _log.warning("apertium_pipeline_failed", mode=self.mode.name)
        await self._end()

    async def _end(self) -> None:
        programs, self._programs = self._programs, []
        taggers, self._taggers = self._taggers, []
        await _end(programs, taggers)

    async def _ensure(self) -> None:
        if self._closed:
            raise EngineCrashedError(f"apertium {self.mode.name}: ended")
        if self.running:
            return
        if self._programs:
            await self._give_up()
        self._programs, self._taggers = await _start(self.mode)


async def _start(mode: Mode) -> tuple[list[Process], list[Tagger]]:
    """Start all programs of a mode at once, each reading what the one before it writes."""
    env = {**os.environ, "LC_ALL": "C.UTF-8"}  # they read and write in the locale's encoding
    last = len(mode.commands) - 1
    with ExitStack() as ours:
        stdin, stdout = [PIPE], []
        for _ in range(last):
            reading, writing = os.pipe()
            ours.callback(os.close, reading)
            ours.callback(os.close, writing)
            stdin.append(reading)
            stdout.append(writing)
        stdout.append(PIPE)
        starting: list[Awaitable[Process | Tagger]] = [
            Tagger.start(command, stdin[n], stdout[n], env)
            if 0 < n < last and forgets_itself(command)
            else spawn(*command, stdin=stdin[n], stdout=stdout[n], stderr=DEVNULL, limit=ANSWER_BYTES, env=env)
            for n, command in enumerate(mode.commands)
        ]
        started = await asyncio.gather(*starting, return_exceptions=True)
    programs = [program for program in started if isinstance(program, Process)]
    taggers = [program for program in started if isinstance(program, Tagger)]
    for failure in started:
        if isinstance(failure, BaseException):
            await _end(programs, taggers)
            if isinstance(failure, FileNotFoundError):
                why = f"the program {failure.filename!r} is not installed"
                raise EngineUnavailableError(why, "install the package that has it") from failure
            raise failure
    return programs, taggers


async def _end(programs: list[Process], taggers: list[Tagger]) -> None:
    """End the programs: the end of input passes from one to the next; who does not follow is killed."""
    if programs and programs[0].stdin is not None:
        programs[0].stdin.close()
    waiting = [asyncio.create_task(program.wait()) for program in programs]
    if waiting:
        waiting.append(asyncio.create_task(_drained(programs[-1])))
        await asyncio.wait(waiting, timeout=CLOSE_LIMIT_S)
    for program in programs:
        _kill(program)
    for tagger in taggers:
        await tagger.close()
    await asyncio.gather(*waiting)


async def _drained(program: Process) -> int:
    # asyncio knows of a program's end only when what it wrote has been read.
    while program.stdout is not None and await program.stdout.read(ANSWER_BYTES):
        pass
    return 0


def _kill(program: Process) -> None:
    with suppress(ProcessLookupError):
        program.kill()
