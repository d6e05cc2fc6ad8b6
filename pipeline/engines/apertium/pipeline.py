"""A chain of Apertium's programs that keeps running: a request goes in here, its answer comes out there."""

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import ExitStack

import structlog
from prometheus_client import Counter

from pipeline.engines.apertium.mode import Mode
from pipeline.engines.apertium.stream_format import from_stream, to_stream
from pipeline.engines.engine import EngineCrashedError, EngineTimeoutError, EngineUnavailableError

_log = structlog.get_logger(__name__)

_STARTS = Counter("parley_apertium_pipeline_starts_total", "Starts of an Apertium pipeline.", ["mode"])

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
        self._programs: list[Process] = []
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
        return bool(self._programs) and all(program.returncode is None for program in self._programs)

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
        await _end(self._programs)
        async with self._turn:  # a start under way is waited for
            programs, self._programs = self._programs, []
            await _end(programs)

    def _forget(self, exchange: asyncio.Task[str]) -> None:
        self._exchanges.discard(exchange)
        if not exchange.cancelled():
            exchange.exception()  # whoever still waits gets it from the shield

    async def _exchange(self, text: str) -> str:
        async with self._turn:
            await self._ensure()
            try:
                async with asyncio.timeout(self._limit_s):
                    return from_stream(await self._ask(to_stream(text)))
            except TimeoutError:  # before OSError, which it is one of
                await self._give_up()
                raise EngineTimeoutError(f"apertium {self.mode.name}: no answer in {self._limit_s} s") from None
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
                await self._give_up()
                raise EngineCrashedError(f"apertium {self.mode.name}: a program of the pipeline died") from None

    async def _ask(self, request: bytes) -> bytes:
        entrance, exit_ = self._programs[0].stdin, self._programs[-1].stdout
        if entrance is None or exit_ is None:
            raise BrokenPipeError
        entrance.write(request)
        await entrance.drain()
        return await exit_.readuntil(b"\0")

    async def _give_up(self) -> None:
        _log.warning("apertium_pipeline_failed", mode=self.mode.name)
        programs, self._programs = self._programs, []
        await _end(programs)

    async def _ensure(self) -> None:
        if self._closed:
            raise EngineCrashedError(f"apertium {self.mode.name}: ended")
        if self.running:
            return
        if self._programs:
            await self._give_up()
        _STARTS.labels(self.mode.name).inc()
        self._programs = await _start(self.mode)


async def _start(mode: Mode) -> list[Process]:
    """Start all programs of a mode at once, each reading what the one before it writes."""
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
        starting = (
            asyncio.create_subprocess_exec(
                *command, stdin=stdin[n], stdout=stdout[n], stderr=DEVNULL, limit=ANSWER_BYTES, env=_environment()
            )
            for n, command in enumerate(mode.commands)
        )
        started = await asyncio.gather(*starting, return_exceptions=True)
    programs = [program for program in started if isinstance(program, Process)]
    for failure in started:
        if isinstance(failure, BaseException):
            await _end(programs)
            if isinstance(failure, FileNotFoundError):
                why = f"the program {failure.filename!r} is not installed"
                raise EngineUnavailableError(why, "install the package that has it") from failure
            raise failure
    return programs


def _environment() -> dict[str, str]:
    # lttoolbox reads and writes in the locale's encoding.
    return {**os.environ, "LC_ALL": "C.UTF-8"}


async def _end(programs: list[Process]) -> None:
    """End the programs: the end of input passes from one to the next; who does not follow is killed."""
    if not programs:
        return
    if programs[0].stdin is not None:
        programs[0].stdin.close()
    ends = asyncio.gather(_drained(programs[-1]), *(program.wait() for program in programs))
    try:
        await asyncio.wait_for(asyncio.shield(ends), CLOSE_LIMIT_S)
    except TimeoutError:
        for program in programs:
            if program.returncode is None:
                program.kill()
        await ends


async def _drained(program: Process) -> None:
    # asyncio knows of a program's end only when what it wrote has been read.
    while program.stdout is not None and await program.stdout.read(ANSWER_BYTES):
        pass
