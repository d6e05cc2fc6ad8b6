"""Sound of this computer as it is recorded, from a recorder in a process of its own (`recorder.py`)."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from parley.client.backoff import Backoff, BackoffSettings

FRAME_BYTES = 3_200
"""100 ms of 16 kHz mono s16le: what is sent at once."""
KEPT_FRAMES = 20
"""Of sound that waits because the connection takes none; the oldest goes first: what is said now is worth more."""
_LIST_S = 10.0
_END_S = 2.0
# Frames after which a recorder counts as one that works.
_STEADY = 50
# Seconds without any sound, not even silence, after which a recorder is taken for hung, and started anew.
_SILENT_S = 10.0
_PAUSES = BackoffSettings(first_s=1.0, most_s=15.0)


@dataclass(frozen=True)
class Ear:
    """What is listened to."""

    source: Literal["microphone", "system"]
    # An id, or part of a name, as `devices` gives them; None: the default one.
    device: str | None = None


class CaptureError(Exception):
    """Nothing can be recorded; the message says why and what to do."""


class Capture:
    """Records an ear until it is closed. `async with Capture(ear, tell) as capture: await capture.frame()`.

    A recorder that ends is started again after pauses that grow: a microphone may be plugged in again.
    """

    def __init__(
        self, ear: Ear, tell: Callable[[str], None], *, program: Sequence[str] = (), pauses: BackoffSettings = _PAUSES
    ) -> None:
        """`tell` is told what keeps sound away, and nothing when it is there; `program` stands in for the recorder."""
        self._command = [*(program or recorder_command()), "--source", ear.source]
        if ear.device is not None:
            self._command += ["--device", ear.device]
        self._tell = tell
        self._backoff = Backoff(pauses)
        self._frames: deque[bytes] = deque(maxlen=KEPT_FRAMES)
        self._news = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Capture":
        self._running = asyncio.create_task(self._run(), name="desktop-capture")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

    async def frame(self) -> bytes:
        """Wait for the next 100 ms. Cancelling costs nothing."""
        while not self._frames:
            self._news.clear()
            await self._news.wait()
        return self._frames.popleft()

    async def _run(self) -> None:
        while True:
            # The first pause is none: what ends after it worked is started again at once.
            await asyncio.sleep(self._backoff.pause_s())
            try:
                await self._record()
            except CaptureError as error:
                self._tell(f"No sound: {error}. Trying again ...")

    async def _record(self) -> None:
        async with _started(self._command) as process:
            heard = 0
            while True:
                try:
                    async with asyncio.timeout(_SILENT_S):
                        frame = await process.stdout.readexactly(FRAME_BYTES)
                except TimeoutError:
                    raise CaptureError("the sound system gives nothing") from None
                except asyncio.IncompleteReadError:
                    raise CaptureError(await _last_words(process)) from None
                heard += 1
                if heard == 1:
                    self._tell("")
                elif heard == _STEADY:
                    self._backoff.reset()
                self._frames.append(frame)
                self._news.set()


def recorder_command() -> list[str]:
    """Give how the recorder is started."""
    return [sys.executable, "-m", "parley.desktop.recorder"]


class _Recorder(NamedTuple):
    """A running one. It ends when its standard input does, so that it never outlives this process."""

    stdout: asyncio.StreamReader
    stderr: asyncio.StreamReader


@contextlib.asynccontextmanager
async def _started(command: Sequence[str]) -> AsyncIterator["_Recorder"]:
    """Run a recorder; it is gone at the end of the block."""
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise CaptureError("the recorder cannot be reached")
        yield _Recorder(process.stdout, process.stderr)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        # It is killed: there is nothing to wait for but the system.
        await asyncio.shield(_gone(process))
        if process.stdin is not None:
            process.stdin.close()


async def _gone(process: asyncio.subprocess.Process) -> None:
    # What nobody reads any more is read to its end: asyncio waits for that as well, for ever where reading had paused.
    pipes = [pipe for pipe in (process.stdout, process.stderr) if pipe is not None]
    await asyncio.gather(process.wait(), *(_drained(pipe) for pipe in pipes))


async def _drained(pipe: asyncio.StreamReader) -> None:
    while await pipe.read(1 << 16):
        pass


async def _last_words(process: "_Recorder") -> str:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_END_S):
            said = (await process.stderr.read()).decode(errors="replace").strip().splitlines()
            if said:
                return said[-1].rstrip(".")
    return "the recorder ended without a word"


async def list_devices(program: Sequence[str] = ()) -> list[dict[str, str]]:
    """Give `source`, `id` and `name` of all devices.

    Raises:
        CaptureError: there is no sound system.
    """
    async with _started([*(program or recorder_command()), "--list"]) as process:
        try:
            async with asyncio.timeout(_LIST_S):
                answer = await process.stdout.read()
        except TimeoutError:
            raise CaptureError("the sound system does not answer") from None
        if not answer:
            raise CaptureError(await _last_words(process))
    return list(json.loads(answer))
