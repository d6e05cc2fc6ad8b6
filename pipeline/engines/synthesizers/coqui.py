"""Coqui: XTTS-v2, the most natural of the open voices, and VITS models; best on a GPU (coqui-tts, the kept-up fork)."""

import asyncio
import hashlib
import importlib.util
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import ClassVar, Self, TypeVar

import numpy as np
import structlog

from pipeline.engines.casting import cast
from pipeline.engines.coqui.description import Description, describe
from pipeline.engines.coqui.likenesses import Likenesses
from pipeline.engines.coqui.model import Model, OutOfGpuMemoryError, Said, Sound, load
from pipeline.engines.engine import (
    EngineError,
    EngineInfo,
    EngineUnavailableError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.models.found import path_of
from pipeline.engines.options.coqui import CoquiOptions
from pipeline.engines.spoken_text import sentences, speakable
from pipeline.engines.synthesizer import SynthesisRequest

_log = structlog.get_logger(__name__)

Result = TypeVar("Result")

LONGEST_TEXT = 20_000
"""Characters in one request; a clause has some hundred."""
CHUNK_MS = 200
"""Milliseconds of sound in a chunk that is given out."""
REFERENCE_BYTES_PER_S = 32_000
"""Of 16 kHz s16le."""
HEARD_PEAK = 300
"""A reference that never gets louder, of 32,768, is silence."""


class Engine:
    """Speaks with one model, sentence by sentence. One lock: a model that says two things at once mixes them up."""

    Options = CoquiOptions
    info: ClassVar[EngineInfo] = EngineInfo(
        name="coqui",
        stage="synthesis",
        licence="MPL-2.0",
        model_licence="LicenseRef-CPML (XTTS-v2: not for commercial use, its sound neither); other models' own",
        where="in process",
        streams=True,
        concurrency=1,
        quality=60,
    )

    def __init__(self, options: CoquiOptions = CoquiOptions()) -> None:  # noqa: B008 - it is frozen
        self._options = options
        self._description = _look(options)
        self.languages = frozenset(self._description.languages)
        self.sample_rate = self._description.sample_rate
        # XTTS takes a voice from seconds of it; the others have the voices they were made with.
        self.imitates = self._description.kind == "xtts"
        self._model: Model | None = None
        self._likenesses = Likenesses(options.likenesses)
        self._turn = asyncio.Lock()
        # All that the model does is done in one thread, in order: what is abandoned is ended before the next begins.
        self._thread = ThreadPoolExecutor(1, "coqui")

    @classmethod
    def check(cls, options: CoquiOptions = CoquiOptions()) -> None:  # noqa: B008
        _look(options)

    async def __aenter__(self) -> Self:
        # Its loggers quote texts that they find too long.
        logging.getLogger("TTS").setLevel(logging.ERROR)
        try:
            self._model = await self._do(lambda: load(self._description, self._options))
        except OutOfGpuMemoryError:
            _log.warning("coqui_gpu_memory_full", device="cpu", at="start")
            on_cpu = replace(self._options, device="cpu")
            self._model = await self._do(lambda: load(self._description, on_cpu))
        voices = len(self._model.voices)
        _log.info("coqui_loaded", kind=self._description.kind, device=self._model.device, voices=voices)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._likenesses.clear()
        self._model = None
        await asyncio.to_thread(self._thread.shutdown)

    def forget(self, voice_seed: str) -> None:
        """Let go of a speaker's own voice, as when their room ends or they take back their consent."""
        self._likenesses.forget(voice_seed)

    async def synthesize(self, request: SynthesisRequest) -> AsyncIterator[bytes]:
        """Yield PCM as the model makes it; see `Synthesizer`. Closing stops it behind the chunk that is being made."""
        language = self._description.languages.get(request.language)
        if language is None:
            raise UnsupportedLanguageError(f"this model of Coqui's does not speak {request.language}")
        text = speakable(request.text)
        if len(text) > LONGEST_TEXT:
            raise RequestTooLargeError(f"{len(text)} characters, where {LONGEST_TEXT} are taken at once")
        model = self._loaded
        for sentence in sentences(text, model.longest[language]):
            said = Said(
                text=sentence,
                language=language,
                voice=cast(request.voice_seed, model.voices),
                likeness=None,
                speed=request.speed,
                seed=_seed(request.voice_seed, sentence),
            )
            async with self._turn, aclosing(self._sentence(said, request)) as chunks:
                async for sound in chunks:
                    pcm = (np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes()
                    step = self.sample_rate * CHUNK_MS // 1000 * 2
                    for at in range(0, len(pcm), step):
                        yield pcm[at : at + step]

    async def _sentence(self, said: Said, request: SynthesisRequest) -> AsyncGenerator[Sound, None]:
        """Say one sentence; a second time, on the CPU, if the GPU's memory is full before anything was heard."""
        heard = False
        while True:
            try:
                likeness = await self._likeness(request)
                async with aclosing(self._chunks(replace(said, likeness=likeness))) as chunks:
                    async for sound in chunks:
                        heard = True
                        yield sound
            except OutOfGpuMemoryError:
                model = self._loaded
                if model.device == "cpu":
                    raise EngineError("there is no memory left on the GPU") from None
                _log.warning("coqui_gpu_memory_full", device="cpu", at="sentence")
                await self._do(model.move_to_cpu)
                if heard:
                    raise EngineError("the GPU's memory is full; the CPU speaks from now on") from None
            else:
                return

    async def _chunks(self, said: Said) -> AsyncGenerator[Sound, None]:
        stream: Iterator[Sound] = self._loaded.stream(said)
        try:
            while (sound := await self._do(lambda: next(stream, None))) is not None:
                yield sound
        finally:
            # Behind the step that may still be under way in the thread; nobody waits for it.
            with suppress(RuntimeError):  # the engine was ended
                self._thread.submit(stream.close)  # type: ignore[attr-defined]  # it is a generator

    async def _likeness(self, request: SynthesisRequest) -> object:
        """Give the speaker's own voice if they let it be used, and enough of it is there; else None."""
        model, options = self._loaded, self._options
        if not request.reference:
            self.forget(request.voice_seed)
            return None
        reference = request.reference[: len(request.reference) & ~1]
        if not model.imitates or len(reference) < options.reference_least_s * REFERENCE_BYTES_PER_S:
            return None
        if np.abs(np.frombuffer(reference, "<i2").astype(np.int32)).max() < HEARD_PEAK:
            return None
        return await self._do(lambda: self._likenesses.of(request.voice_seed, reference, model.likeness))

    @property
    def _loaded(self) -> Model:
        if self._model is None:
            raise EngineError("coqui is not started")
        return self._model

    async def _do(self, work: Callable[[], Result]) -> Result:
        """Do something in the model's thread. Cancelled, it is done to its end all the same, and nobody hears of it."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except RuntimeError as error:
            if self._model is None and "shutdown" in str(error):
                raise EngineError("coqui was ended") from None
            raise


def _look(options: CoquiOptions) -> Description:
    """Find the packages and the model.

    Raises:
        EngineUnavailableError: what is missing, and what to do.
    """
    for package, named in (("torch", "PyTorch"), ("TTS", "coqui-tts")):
        if importlib.util.find_spec(package) is None:
            raise EngineUnavailableError(f"{named} is not installed", "install parley[coqui]")
    return describe(path_of(options.model, options.models_dir), options.language)


def _seed(voice_seed: str, text: str) -> int:
    words = f"{voice_seed}\0{text}".encode(errors="replace")
    return int.from_bytes(hashlib.blake2b(words, digest_size=4).digest(), "big")
