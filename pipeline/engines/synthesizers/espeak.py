"""espeak-ng: over a hundred languages, offline, a clause in 10 to 30 ms; plain, but clear."""

import asyncio
import re
import shutil
import subprocess
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from typing import ClassVar, Self

from pipeline.engines.engine import (
    EngineCrashedError,
    EngineInfo,
    EngineTimeoutError,
    EngineUnavailableError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.espeak.languages import languages
from pipeline.engines.espeak.voices import voice_of
from pipeline.engines.spawn import spawn
from pipeline.engines.synthesizer import SynthesisRequest

PROGRAM = "espeak-ng"
REMEDY = "apt-get install espeak-ng"
SAMPLE_RATE = 22_050
"""Hertz of all its voices."""
WORDS_PER_MINUTE = 190
"""Its own measure. Spanish and Catalan of the five LibriVox sentences take 18.0 and 18.6 s then, the English 23.3 s."""
FASTEST_WORDS_PER_MINUTE = 400
AT_ONCE = 8
"""Programs that run at once; who comes later waits."""
CHUNK_BYTES = 8_820
"""200 ms."""
HEADER_BYTES = 44
"""A WAV header comes first; its length field says nothing, since the program writes as it speaks."""
LONGEST_TEXT = 20_000
"""Characters in one request; a clause has some hundred."""
STALL_LIMIT_S = 5.0
"""Seconds without any sound after which the program is ended; it needs 10 ms."""

# Controls and lone surrogates; and [[ ]], by which it takes phonemes instead of words.
_UNSPOKEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]|\\[\\[|\\]\\]")


class Engine:
    """Speaks by running the program once for each clause, text on its standard input. It is GPL, so never linked."""

    info: ClassVar[EngineInfo] = EngineInfo(
        name="espeak",
        stage="synthesis",
        licence="GPL-3.0-or-later",
        model_licence="GPL-3.0-or-later",
        where="system program",
        streams=True,
        concurrency=AT_ONCE,
        quality=10,
    )
    sample_rate = SAMPLE_RATE

    def __init__(self) -> None:
        self.check()
        listing = subprocess.run([PROGRAM, "--voices"], capture_output=True, check=True, timeout=10).stdout
        self._voices = languages(listing.decode(errors="replace"))
        self.languages = frozenset(self._voices)
        self._turns = asyncio.Semaphore(AT_ONCE)

    @classmethod
    def check(cls) -> None:
        if shutil.which(PROGRAM) is None:
            raise EngineUnavailableError(f"the program {PROGRAM!r} is not installed", REMEDY)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing stays open between two clauses."""

    async def synthesize(self, request: SynthesisRequest) -> AsyncIterator[bytes]:
        """Yield PCM as the program writes it; see `Synthesizer`. Closing the iterator ends the program."""
        language = self._voices.get(request.language)
        if language is None:
            raise UnsupportedLanguageError(f"espeak does not speak {request.language}")
        text = _UNSPOKEN.sub(" ", request.text).strip()
        if len(text) > LONGEST_TEXT:
            raise RequestTooLargeError(f"{len(text)} characters, where {LONGEST_TEXT} are taken at once")
        if not text:
            return
        async with self._turns:
            program = await spawn(*command(language, request), stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
            try:
                feeding = asyncio.create_task(_feed(program, text), name="feed espeak")
                async for chunk in _sound(program):
                    yield chunk
                await feeding
            finally:
                feeding.cancel()
                await _end(program)
        if program.returncode:
            raise EngineCrashedError(f"espeak-ng ended with {program.returncode}")


def command(language: str, request: SynthesisRequest) -> list[str]:
    """Write the program's command line. The text is not in it: it goes in as UTF-8 (`-b 1`), unlike an argument."""
    voice = voice_of(request.voice_seed)
    speed = min(round(WORDS_PER_MINUTE * request.speed), FASTEST_WORDS_PER_MINUTE)
    options = ["--stdin", "--stdout", "-b", "1", "-z", "-s", str(speed), "-p", str(voice.pitch)]
    return [PROGRAM, *options, "-v", f"{language}+{voice.variant}"]


async def _feed(program: Process, text: str) -> None:
    if program.stdin is None:
        return
    try:
        program.stdin.write(text.encode())
        await program.stdin.drain()
        program.stdin.close()
    except OSError:  # it has ended; its exit status tells
        return


async def _sound(program: Process) -> AsyncIterator[bytes]:
    header = HEADER_BYTES
    while program.stdout is not None:
        try:
            async with asyncio.timeout(STALL_LIMIT_S):
                chunk = await program.stdout.read(CHUNK_BYTES)
        except TimeoutError:
            raise EngineTimeoutError(f"espeak-ng gave no sound for {STALL_LIMIT_S} s") from None
        if not chunk:
            return
        skipped = min(header, len(chunk))
        header -= skipped
        if chunk[skipped:]:
            yield chunk[skipped:]


async def _end(program: Process) -> None:
    # It has written all and is about to end, or nobody listens any more.
    if program.stdout is not None and not program.stdout.at_eof():
        program.kill()
        while await program.stdout.read(CHUNK_BYTES):  # asyncio knows of the end only when the pipe is empty
            pass
    await program.wait()
