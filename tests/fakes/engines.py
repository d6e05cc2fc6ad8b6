"""Engines that follow a script: what they answer, how long they take, when they fail."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from pipeline.engines.engine import EngineInfo, UnsupportedLanguageError
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.transcriber import Hypothesis, Word
from pipeline.engines.translator import TranslationRequest
from pipeline.messages.audio_chunk import BYTES_PER_MS
from pipeline.messages.worker_status import Stage


def info(stage: Stage, *, cheap: bool = True, concurrency: int = 8) -> EngineInfo:
    return EngineInfo(
        name="scripted",
        stage=stage,
        licence="Apache-2.0",
        model_licence="Apache-2.0",
        where="in process",
        streams=True,
        concurrency=concurrency,
        cheap=cheap,
    )


def words(text: str, *, start_ms: int = 0, word_ms: int = 200, gap_ms: int = 0) -> tuple[Word, ...]:
    """Lay out a text as words of even length."""
    step = word_ms + gap_ms
    return tuple(Word(word, start_ms + i * step, start_ms + i * step + word_ms) for i, word in enumerate(text.split()))


class Faults:
    """What each call in turn does instead of answering: raise this, or nothing special for None. Then all is well."""

    def __init__(self, faults: Iterable[Exception | None] = ()) -> None:
        self._faults = iter(faults)

    def next(self) -> None:
        fault = next(self._faults, None)
        if fault is not None:
            raise fault


class ScriptedEngine:
    """Starts and ends like an engine."""

    @classmethod
    def check(cls) -> None:
        """Find nothing missing."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass


class ScriptedTranscription:
    """One utterance: a word is heard once its end was pushed, and `lag_ms` more; peeking and finishing do not lag."""

    def __init__(self, owner: "ScriptedTranscriber", script: Sequence[Word], language: str) -> None:
        self._owner = owner
        self._script = script
        self._language = language
        self.heard_ms = 0
        self.over = False

    async def push(self, pcm: bytes) -> Hypothesis:
        self.heard_ms += len(pcm) // BYTES_PER_MS
        return await self._answer("push", self.heard_ms - self._owner.lag_ms)

    async def peek(self) -> Hypothesis:
        return await self._answer("peek", self.heard_ms)

    async def finish(self) -> Hypothesis:
        hypothesis = await self._answer("finish", self.heard_ms)
        self.over = True
        return hypothesis

    async def abort(self) -> None:
        self.over = True

    async def _answer(self, call: str, until_ms: int) -> Hypothesis:
        self._owner.calls.append(call)
        await asyncio.sleep(self._owner.delay_s)
        self._owner.faults.next()
        return Hypothesis(tuple(word for word in self._script if word.end_ms <= until_ms), self._language)


class ScriptedTranscriber(ScriptedEngine):
    """Hears, in each utterance in turn, the words of the next script; the last script again and again after that."""

    def __init__(
        self,
        *scripts: Sequence[Word],
        languages: Iterable[str] = ("en",),
        detects: str = "",
        lag_ms: int = 0,
        delay_s: float = 0.0,
        faults: Iterable[Exception | None] = (),
    ) -> None:
        """`lag_ms`: how far the words lag behind the sound; `detects`: what it hears when asked for `auto`."""
        self.info = info("recognition")
        self.languages = frozenset(languages)
        self.lag_ms = lag_ms
        self.delay_s = delay_s
        self.faults = Faults(faults)
        self.calls: list[str] = []
        self.sessions: list[ScriptedTranscription] = []
        self._scripts = list(scripts) or [()]
        self._detects = detects

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> ScriptedTranscription:
        if language not in self.languages:
            raise UnsupportedLanguageError(language)
        script = self._scripts[0] if len(self._scripts) == 1 else self._scripts.pop(0)
        session = ScriptedTranscription(self, script, self._detects or language)
        self.sessions.append(session)
        return session


class ScriptedTranslator(ScriptedEngine):
    """Says `es(hello)` for "hello" in Spanish, unless its phrase book says otherwise."""

    def __init__(
        self,
        *pairs: tuple[str, str],
        phrases: Mapping[tuple[str, str], str] | None = None,
        delays_s: Mapping[str, float] | None = None,
        faults: Iterable[Exception | None] = (),
        cheap: bool = True,
        concurrency: int = 8,
    ) -> None:
        """`phrases`: by target and text; `delays_s`: by target or by text."""
        self.pairs = frozenset(pairs or [("en", "es"), ("en", "fr"), ("es", "en")])
        self.delays_s = dict(delays_s or {})
        self.faults = Faults(faults)
        self.requests: list[TranslationRequest] = []
        self.info = info("translation", cheap=cheap, concurrency=concurrency)
        self._phrases = phrases or {}

    async def translate(self, request: TranslationRequest) -> str:
        self.requests.append(request)
        await asyncio.sleep(self.delays_s.get(request.target, 0.0) + self.delays_s.get(request.text, 0.0))
        self.faults.next()
        if (request.source, request.target) not in self.pairs:
            raise UnsupportedLanguageError(f"{request.source} to {request.target}")
        if not request.text:
            return ""
        return self._phrases.get((request.target, request.text), f"{request.target}({request.text})")


class ScriptedVoicer:
    """Gives packets that say which they are: `es(hello)/0`, `es(hello)/1` ..., so many for each word."""

    def __init__(
        self,
        *languages: str,
        packets_per_word: int = 5,
        first_s: float = 0.0,
        packet_s: float = 0.0,
        faults: Iterable[Exception | None] = (),
    ) -> None:
        """`first_s` passes before the first packet, `packet_s` before each."""
        self.info = info("synthesis")
        self.languages = frozenset(languages or ("es", "fr", "en"))
        self.packets_per_word = packets_per_word
        self.first_s = first_s
        self.packet_s = packet_s
        self.faults = Faults(faults)
        self.requests: list[SynthesisRequest] = []
        # Texts whose packets were not all taken.
        self.broken_off: list[str] = []
        # Whose own voices it was told to let go of.
        self.forgotten: list[str] = []

    def forget(self, voice_seed: str) -> None:
        self.forgotten.append(voice_seed)

    async def packets(self, request: SynthesisRequest) -> AsyncIterator[bytes]:
        self.requests.append(request)
        complete = False
        try:
            await asyncio.sleep(self.first_s)
            self.faults.next()
            for number in range(len(request.text.split()) * self.packets_per_word):
                await asyncio.sleep(self.packet_s)
                yield f"{request.text}/{number}".encode()
            complete = True
        finally:
            if not complete:
                self.broken_off.append(request.text)


@dataclass
class Scripted:
    """One of each, for a whole system."""

    transcriber: ScriptedTranscriber = field(default_factory=ScriptedTranscriber)
    translator: ScriptedTranslator = field(default_factory=ScriptedTranslator)
    voicer: ScriptedVoicer = field(default_factory=ScriptedVoicer)
