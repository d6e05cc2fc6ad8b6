"""Piper: neural voices for some forty languages on a CPU, twenty times faster than real time (OHF-Voice/piper1-gpl)."""

import asyncio
import shlex
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import ClassVar, Self

import structlog

from pipeline.engines.engine import (
    EngineError,
    EngineInfo,
    EngineUnavailableError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.models.folder import models_folder
from pipeline.engines.options.piper import PiperOptions
from pipeline.engines.piper.server import Server
from pipeline.engines.piper.voices import Voice, by_language, voice_of, voices_in
from pipeline.engines.resampling import resampled
from pipeline.engines.spoken_text import sentences, speakable
from pipeline.engines.synthesizer import SynthesisRequest

_log = structlog.get_logger(__name__)

SAMPLE_RATE = 22_050
"""Hertz of most voices; those of another rate (16 kHz, quality `low`) are resampled."""
CHUNK_BYTES = 8_820
"""200 ms."""
LONGEST_TEXT = 20_000
"""Characters in one request; a clause has some hundred."""
LONGEST_SENTENCE = 300
"""Characters that are spoken in one go; a longer sentence is cut, so that its beginning need not wait for its end."""
AT_ONCE = 4
"""Clauses of different voices that are spoken at once; one voice speaks one after the other."""
LOOK_LIMIT_S = 10
"""Seconds for the look whether an interpreter has the packages."""
FIRST_WORDS = "1."
"""What a voice says, unheard, when it is loaded: every language can read it."""


class Engine:
    """Speaks by a web server of Piper's own, sentence by sentence. It is GPL: another program, never loaded here."""

    Options = PiperOptions
    info: ClassVar[EngineInfo] = EngineInfo(
        name="piper",
        stage="synthesis",
        licence="GPL-3.0-or-later",
        model_licence="each voice's own (its MODEL_CARD)",
        where="system program",
        streams=True,
        concurrency=AT_ONCE,
        quality=50,
    )
    sample_rate = SAMPLE_RATE

    def __init__(self, options: PiperOptions = PiperOptions()) -> None:  # noqa: B008 - it is frozen
        self._options = options
        self._voices = _look(options)
        self._by_language: Mapping[str, tuple[Voice, ...]] = by_language(self._voices)
        self._server: Server | None = None
        self._starting = asyncio.Lock()
        # One lock for each model: two clauses in one voice would only make each other late.
        self._turns = {voice.name: asyncio.Lock() for voice in self._voices}
        self._closed = False

    @classmethod
    def check(cls, options: PiperOptions = PiperOptions()) -> None:  # noqa: B008
        _look(options)

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(self._by_language)

    async def __aenter__(self) -> Self:
        """Start the program and let every voice say something, so that none is loaded in the middle of a call.

        Raises:
            EngineUnavailableError: it does not start, or no voice speaks.
        """
        self._closed = False
        server = await self._running()
        able = []
        for voice in self._voices:
            try:
                await server.speak(FIRST_WORDS, voice, 0, voice.length_scale)
            except EngineError as error:  # that voice's loss only
                _log.warning("piper_voice_failed", voice=voice.name, error=type(error).__name__)
                server = await self._running()
            else:
                able.append(voice)
        if not able:
            await self.__aexit__()
            raise EngineUnavailableError("none of Piper's voices speaks", "see the log, and try another voice")
        self._by_language = by_language(able)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._closed = True
        if self._server is not None:
            await self._server.close()

    async def synthesize(self, request: SynthesisRequest) -> AsyncIterator[bytes]:
        """Yield PCM, each sentence's as soon as it is spoken; see `Synthesizer`. Closing stops behind a sentence."""
        voices = self._by_language.get(request.language)
        if voices is None:
            raise UnsupportedLanguageError(f"piper has no voice for {request.language}")
        text = speakable(request.text)
        if len(text) > LONGEST_TEXT:
            raise RequestTooLargeError(f"{len(text)} characters, where {LONGEST_TEXT} are taken at once")
        voice, speaker = voice_of(request.voice_seed, voices)
        for sentence in sentences(text, LONGEST_SENTENCE):
            async with self._turns[voice.name]:
                server = await self._running()
                pcm = await server.speak(sentence, voice, speaker, voice.length_scale / request.speed)
            sound = await asyncio.to_thread(resampled, pcm, voice.sample_rate, SAMPLE_RATE)
            for at in range(0, len(sound), CHUNK_BYTES):
                yield sound[at : at + CHUNK_BYTES]

    async def _running(self) -> Server:
        """Give the program that runs; start another if it ended."""
        async with self._starting:
            if self._closed:
                raise EngineError("piper was ended")
            if self._server is None or not self._server.alive:
                if self._server is not None:
                    _log.warning("piper_started_again")
                    await self._server.close()
                self._server = await Server(self._voices, self._options).__aenter__()
            return self._server


def _look(options: PiperOptions) -> tuple[Voice, ...]:
    """Find the voices and the program.

    Raises:
        EngineUnavailableError: there is none, and what to do.
    """
    folder = Path(options.folder).expanduser() if options.folder else models_folder(options.models_dir)
    voices = voices_in(folder, options.voices)
    if not voices:
        remedy = "`parley models pull en_US-lessac-medium`, or set engines.piper.folder"
        raise EngineUnavailableError("there is no voice for Piper", remedy)
    words = shlex.split(options.command)
    if not words or shutil.which(words[0]) is None:
        why = f"the program {words[0]!r} is not installed" if words else "engines.piper.command is empty"
        raise EngineUnavailableError(why, "set engines.piper.command to PYTHON -m piper.http_server")
    if words[1:2] == ["-m"] and not _has_packages(words[0]):
        python = f"an environment of its own, and set engines.piper.command to its PYTHON {' '.join(words[1:])}"
        raise EngineUnavailableError(f"{words[0]} has no piper-tts[http]", f"install piper-tts[http] into {python}")
    return voices


def _has_packages(python: str) -> bool:
    """Ask an interpreter whether it has Piper and Flask; it imports neither."""
    asked = "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ('piper', 'flask'))))"
    try:
        return subprocess.run([python, "-I", "-c", asked], capture_output=True, timeout=LOOK_LIMIT_S).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
