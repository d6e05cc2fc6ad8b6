"""Piper's web server as a program of its own: started, asked over loopback, and ended.

It is `python -m piper.http_server` of piper-tts 1.3 or newer, documented in docs/API_HTTP.md of OHF-Voice/piper1-gpl:
POST JSON with text, voice, speaker_id and length_scale, and a WAV file comes back. Since 1.5 the path is /synthesize,
before it was /. It loads each voice when it is first asked for it, and keeps it.
"""

import asyncio
import contextlib
import io
import os
import re
import shlex
import sys
import wave
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Mapping, Sequence
from typing import Self

from pipeline.engines.engine import (
    EngineCrashedError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
)
from pipeline.engines.http.client import HttpClient
from pipeline.engines.options.piper import PiperOptions
from pipeline.engines.piper import tether
from pipeline.engines.piper.voices import Voice
from pipeline.engines.spawn import spawn

PATHS = ("/synthesize", "/")
"""Where to ask, the newer first."""
LISTENING = re.compile(rb"Running on http://127\.0\.0\.1:(\d+)")
"""What Flask's server prints once it listens; the system chose the port."""
KEPT_BYTES = 300
"""Of what it printed last before it ended, so much is told."""
MOST_BYTES = 16 << 20
"""Of one sentence's sound: six minutes."""
MOMENT_S = 0.1
"""Seconds in which the system tells that a program ended."""
END_LIMIT_S = 2.0
"""Seconds that the program has to end; then it is killed."""


class Server:
    """One life of the program. `async with` starts and ends it; ending twice is harmless."""

    def __init__(self, voices: Sequence[Voice], options: PiperOptions) -> None:
        """`voices`, at least one: those it may be asked for; the first is loaded at once."""
        self._voices = voices
        self._options = options
        self._process: Process | None = None
        self._client: HttpClient | None = None
        self._paths = list(PATHS)
        self._port = 0
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start it, and wait until it listens.

        Raises:
            EngineUnavailableError: it cannot be started, ended at once, or did not listen in time.
        """
        try:
            async with asyncio.timeout(self._options.start_limit_s):
                self._port = await self._start()
        except TimeoutError:
            await self.close()
            raise EngineUnavailableError(
                f"Piper's web server did not listen within {self._options.start_limit_s:g} s",
                "look at engines.piper.command, or allow it more time",
            ) from None
        except BaseException:
            await self.close()
            raise
        self._client = HttpClient(
            f"http://127.0.0.1:{self._port}", timeout_s=self._options.sentence_limit_s, max_body=MOST_BYTES
        )
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._client is not None and self._process is not None and self._process.returncode is None

    async def speak(self, text: str, voice: Voice, speaker: int, length_scale: float) -> bytes:
        """Give a sentence's mono s16le PCM at the voice's rate. Cancelling lets the program finish it, unheard.

        Raises:
            EngineCrashedError: it ended.
            EngineTimeoutError: it did not answer; it is ended, too.
            EngineError: it could not.
        """
        asked = {"text": text, "voice": voice.name, "speaker_id": speaker, "length_scale": length_scale}
        try:
            sound = await self._ask(asked)
        except EngineTimeoutError:
            await self.close()
            raise
        except EngineError:
            if await self._has_ended():
                await self.close()
                raise EngineCrashedError("Piper's web server ended") from None
            raise
        return _pcm(sound, voice.sample_rate)

    async def close(self) -> None:
        """End it. What is asked meanwhile fails. Harmless twice."""
        client, self._client = self._client, None
        process, self._process = self._process, None
        reading, self._reading = self._reading, None
        if client is not None:
            await client.__aexit__(None, None, None)
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        if process is not None:
            await _end(process)

    async def _start(self) -> int:
        """Start the program, and read what it prints until it says at which port it listens."""
        process = self._process = await spawn(
            *_command(self._voices, self._options),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            env=_environment(os.environ),
        )
        said = b""
        while process.stdout is not None and (line := await process.stdout.readline()):
            if found := LISTENING.search(line):
                self._reading = asyncio.create_task(_discard(process), name="read piper")
                return int(found[1])
            said = (said + line)[-KEPT_BYTES:]
        # No text was given to it yet, so what it said may be told.
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise EngineUnavailableError(
            f"Piper's web server ended at once: {last or 'it said nothing'}",
            "install piper-tts[http] where engines.piper.command looks for it",
        )

    async def _ask(self, asked: Mapping[str, object]) -> bytes:
        while self._client is not None:
            try:
                # Flask calls a WAV file text/html.
                return await self._client.post(self._paths[0], asked)
            except EngineRefusedError:  # 404 or 405: an older one
                if len(self._paths) == 1:
                    raise
                del self._paths[0]
        raise EngineCrashedError("Piper's web server was ended")

    async def _has_ended(self) -> bool:
        """Look whether it is gone: it takes no connection, or the system says so a moment later."""
        process = self._process
        if process is None:
            return True
        wait_s = MOMENT_S
        try:
            async with asyncio.timeout(END_LIMIT_S):
                _, writer = await asyncio.open_connection("127.0.0.1", self._port)
            writer.close()
        except OSError:  # TimeoutError is one
            wait_s = END_LIMIT_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await process.wait()
        return wait_s == END_LIMIT_S or process.returncode is not None


def _command(voices: Sequence[Voice], options: PiperOptions) -> list[str]:
    folders = dict.fromkeys(str(voice.path.parent) for voice in voices)
    return [
        *(sys.executable, "-I", "-S", tether.__file__, str(os.getpid())),
        *shlex.split(options.command),
        *("--host", "127.0.0.1", "--port", "0", "--model", str(voices[0].path)),
        *(word for folder in folders for word in ("--data-dir", folder)),
        *(["--cuda"] if options.cuda else []),
    ]


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Leave out what tells Python where our own packages are, and what would change how Flask runs."""
    ours_alone = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV")
    kept = {name: is_ for name, is_ in ours.items() if name not in ours_alone and not name.startswith("FLASK_")}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def _pcm(sound: bytes, sample_rate: int) -> bytes:
    try:
        with wave.open(io.BytesIO(sound)) as opened:
            told = (opened.getnchannels(), opened.getsampwidth(), opened.getframerate())
            pcm: bytes = opened.readframes(opened.getnframes())
    except (wave.Error, EOFError, ValueError):
        raise EngineError("Piper's web server gave something that is no sound") from None
    if told != (1, 2, sample_rate):
        raise EngineError(f"Piper's web server gave sound of another kind than the voice's: {told}")
    return pcm


async def _discard(process: Process) -> None:
    """Take in what it prints, which nobody needs: it names every request."""
    while process.stdout is not None and await process.stdout.read(1 << 12):
        pass


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(END_LIMIT_S):
            await _discard(process)  # asyncio knows of the end only when the pipe is empty
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await _discard(process)
        await process.wait()
