"""Trying one engine: it is started as it is when it serves, in a process of its own, and asked for one thing."""

import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

from parley.samples import SAMPLE_RATE, sentence, spoken
from pipeline.engines.engine import UnsupportedLanguageError
from pipeline.engines.hosted import HostedTranscriber, HostedTranslator, HostedVoicer
from pipeline.engines.registry import EngineFile
from pipeline.engines.settings import EngineSettings
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.translator import TranslationRequest
from pipeline.matching import match, match_pair
from pipeline.messages.speech import PACKET_MS

PIECE_BYTES = SAMPLE_RATE // 10 * 2
"""Sound is given to a transcriber in pieces of 100 ms, as in a call, but as fast as it takes them."""


@dataclass(frozen=True)
class Sample:
    """What to try an engine with; what is left empty is made up."""

    # What a transcriber hears, a synthesizer speaks, a translator translates into; as a tag.
    language: str = ""
    # What a translator translates from.
    source: str = "en"
    # What is said, spoken or translated.
    text: str = ""
    # 16 kHz mono s16le for a transcriber.
    pcm: bytes = b""


@dataclass(frozen=True)
class Trial:
    """How it went. Seconds; times count from when it was asked."""

    engine: str
    stage: str
    # What it was asked for: `en`, or `en>es`.
    language: str
    # What went in, and what came out where that is text.
    asked: str
    answered: str
    # From nothing until it was ready.
    start_s: float
    # Until the first words, or the first sound, or the translation.
    first_s: float
    total_s: float
    # Of the sound that went in or came out; 0 for a translation.
    sound_s: float = 0.0


async def try_engine(
    file: EngineFile, settings: EngineSettings, sample: Sample, clock: Callable[[], float] = time.perf_counter
) -> Trial:
    """Start an engine, ask it for one thing, and end it.

    Raises:
        EngineError: it cannot work here, does not know the language, or fails.
    """
    tries = {"recognition": _hear, "translation": _translate, "synthesis": _speak}
    return await tries[file.stage](file, settings, sample, clock)


async def _hear(file: EngineFile, settings: EngineSettings, sample: Sample, clock: Callable[[], float]) -> Trial:
    began = clock()
    async with HostedTranscriber(file.load().info, file.module, settings) as engine:
        ready = clock()
        language = pick(sample.language, engine.languages, file.name)
        text = "" if sample.pcm else sample.text or sentence(language)
        pcm = sample.pcm or await spoken(text, language)
        asked, first = clock(), 0.0
        utterance = await engine.open(language, "sample")
        for at in range(0, len(pcm), PIECE_BYTES):
            heard = await utterance.push(pcm[at : at + PIECE_BYTES])
            first = first or (clock() - asked if heard.words else 0.0)
        heard = await utterance.finish()
        total = clock() - asked
    return Trial(
        engine=file.name,
        stage=file.stage,
        language=language,
        asked=text or "the recording",
        answered=heard.text,
        start_s=ready - began,
        first_s=first or total,
        total_s=total,
        sound_s=len(pcm) / 2 / SAMPLE_RATE,
    )


async def _translate(file: EngineFile, settings: EngineSettings, sample: Sample, clock: Callable[[], float]) -> Trial:
    began = clock()
    async with HostedTranslator(file.load().info, file.module, settings) as engine:
        ready = clock()
        source, target = pick_pair(sample.source, sample.language, engine.pairs, file.name)
        text = sample.text or sentence(source)
        asked = clock()
        answer = await engine.translate(TranslationRequest(text=text, source=source, target=target))
        took = clock() - asked
    return Trial(file.name, file.stage, f"{source}>{target}", text, answer, ready - began, took, took)


async def _speak(file: EngineFile, settings: EngineSettings, sample: Sample, clock: Callable[[], float]) -> Trial:
    began = clock()
    async with HostedVoicer(file.load().info, file.module, settings) as engine:
        ready = clock()
        language = pick(sample.language, engine.languages, file.name)
        text = sample.text or sentence(language)
        request = SynthesisRequest(text=text, language=language, voice_seed="sample")
        asked, first, count = clock(), 0.0, 0
        async with aclosing(engine.packets(request)) as packets:
            async for _ in packets:
                first, count = first or clock() - asked, count + 1
        total = clock() - asked
    sound_s = count * PACKET_MS / 1000
    return Trial(file.name, file.stage, language, text, "", ready - began, first or total, total, sound_s)


def pick(wanted: str, known: frozenset[str], name: str) -> str:
    """Choose the language: the one that is wanted, else English, else the first.

    Raises:
        UnsupportedLanguageError: the engine of this name does not know it.
    """
    found = match(wanted or "en", known) or ("" if wanted else min(known - {"auto"}, default=""))
    if not found:
        raise UnsupportedLanguageError(f"{name} does not know {wanted or 'any language'}")
    return found


def pick_pair(source: str, target: str, known: frozenset[tuple[str, str]], name: str) -> tuple[str, str]:
    """Choose the pair: the one that is wanted; without a target Spanish, else the first from this source, else any.

    Raises:
        UnsupportedLanguageError: the engine of this name does not know it.
    """
    found = match_pair(source, target or "es", known)
    if found is None and not target:
        found = min((pair for pair in known if pair[0] == source), default=None) or min(known, default=None)
    if found is None:
        raise UnsupportedLanguageError(f"{name} does not translate {source} to {target or 'anything'}")
    return found
