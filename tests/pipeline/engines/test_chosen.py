"""All chosen engines of a stage behind one protocol."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pipeline.engines.chain_settings import ChainSettings
from pipeline.engines.chosen import ChosenTranscriber, ChosenTranslator, ChosenVoicer
from pipeline.engines.engine import (
    BrokenOffError,
    EngineBusyError,
    EngineCrashedError,
    EngineError,
    EngineInfo,
    UnsupportedLanguageError,
)
from pipeline.engines.synthesizer import SynthesisRequest, Voicer
from pipeline.engines.transcriber import Transcriber
from pipeline.engines.translator import TranslationRequest, Translator
from pipeline.hearing import Hearing
from tests.fakes.engines import words
from tests.fakes.standing import StandingTranscriber, StandingTranslator, StandingVoicer
from tests.fakes.virtual_time import virtual_time
from tests.pipeline.support import chunk

SLOW = EngineInfo("slow", "translation", "GPL-2.0-or-later", "MIT", "network", False, 4, cheap=False, quality=90)

CHAIN = ChainSettings(failures=2, pause_first_s=2)


def ears(*engines: Any) -> ChosenTranscriber:
    return ChosenTranscriber("recognition", {"en": engines}, CHAIN)


def translators(*engines: Any) -> ChosenTranslator:
    return ChosenTranslator("translation", {("en", "es"): engines, ("en", "fr"): engines}, CHAIN)


def voices(*engines: Any) -> ChosenVoicer:
    return ChosenVoicer("synthesis", {"es": engines}, CHAIN)


def request(target: str = "es") -> TranslationRequest:
    return TranslationRequest(text="hello", source="en", target=target)


def clause(text: str) -> SynthesisRequest:
    return SynthesisRequest(text=text, language="es", voice_seed="anna")


async def spoken(chosen: ChosenVoicer, text: str) -> list[str]:
    return [packet.decode() async for packet in chosen.packets(clause(text))]


@virtual_time
async def test_each_pair_goes_to_its_engine() -> None:
    """And a pair without one is refused."""
    engines: Any = {("en", "es"): [StandingTranslator("best")]}
    chosen: Translator = ChosenTranslator("translation", engines)
    async with chosen:
        assert await chosen.translate(request("es")) == "es(hello)"
        with pytest.raises(UnsupportedLanguageError):
            await chosen.translate(request("fr"))


@virtual_time
async def test_what_is_down_for_long_is_not_offered() -> None:
    """A pair whose engine does not run is no pair."""
    down = StandingTranslator("down")
    down.fall()
    engines: Any = {("en", "es"): [StandingTranslator("up")], ("en", "fr"): [down]}
    chosen = ChosenTranslator("translation", engines)
    assert chosen.pairs == {("en", "es")}


def test_several_engines_describe_themselves_as_one() -> None:
    """Together they are as cheap as the dearest, best first in name."""
    cheap, slow = StandingTranslator("cheap"), StandingTranslator("slow")
    slow.info = SLOW
    engines: Any = {("en", "es"): [cheap], ("en", "fr"): [slow], ("en", "ca"): [slow]}
    chosen = ChosenTranslator("translation", engines)
    assert chosen.info.name == "slow, cheap"
    assert chosen.info.licence == "GPL-2.0-or-later AND Apache-2.0"
    assert chosen.info.concurrency == 12
    assert not chosen.info.cheap


def test_no_engine_at_all_is_none() -> None:
    """A stage that nothing works for offers nothing."""
    nothing = ChosenTranscriber("recognition", {})
    assert nothing.info.name == "none"
    assert nothing.languages == frozenset()


@virtual_time
async def test_the_transcriber_opens_where_the_language_is_heard() -> None:
    """And nowhere else."""
    chosen: Transcriber = ears(StandingTranscriber("best", words("yes")))
    utterance = await chosen.open("en", "anna")
    await utterance.push(bytes(32_000))
    assert (await utterance.finish()).text == "yes"
    assert chosen.languages == {"en"}
    with pytest.raises(UnsupportedLanguageError):
        await chosen.open("es")


@virtual_time
async def test_the_voicer_speaks_where_the_language_is_spoken() -> None:
    """Packets come through; closing is passed on."""
    voice = StandingVoicer("best", packets_per_word=2)
    chosen: Voicer = voices(voice)
    assert chosen.languages == {"es"}
    packets = chosen.packets(clause("hola"))
    assert await anext(packets) == b"hola/0"
    await packets.aclose()  # type: ignore[attr-defined]  # the protocol says iterator; this is a generator
    assert voice.broken_off == ["hola"]
    with pytest.raises(UnsupportedLanguageError):
        await anext(chosen.packets(SynthesisRequest(text="hola", language="fr", voice_seed="anna")))


@virtual_time
async def test_a_broken_utterance_goes_on_in_the_next_engine() -> None:
    """Its speaker's next session is opened there at once; other speakers still have the best one."""
    best = StandingTranscriber("best", words("all of it"), faults=[EngineCrashedError()])
    plain = StandingTranscriber("plain", words("some of it"))
    chosen = ears(best, plain)
    broken = await chosen.open("en", "anna")
    with pytest.raises(EngineCrashedError):
        await broken.push(bytes(32_000))
    await broken.abort()
    again = await chosen.open("en", "anna")
    await again.push(bytes(32_000))
    assert (await again.finish()).text == "some of it"
    other = await chosen.open("en", "ben")
    await other.push(bytes(32_000))
    assert (await other.finish()).text == "all of it"
    assert len(best.sessions) == 2
    await (await chosen.open("en", "anna")).abort()
    assert len(best.sessions) == 3, "it is avoided once"


@virtual_time
async def test_a_broken_utterance_is_heard_again_from_its_beginning() -> None:
    """Whoever hears it for the stage notices an error, asks again, and has all words, from the next engine."""
    best = StandingTranscriber("best", words("we went"), faults=[None, EngineCrashedError()])
    plain = StandingTranscriber("plain", words("we want home"))
    hearing = Hearing(ears(best, plain), "en", chunk(0))
    for start_ms in range(0, 400, 100):
        heard = chunk(start_ms)
        if start_ms == 100:
            with pytest.raises(EngineCrashedError):
                await hearing.hear(heard)
        await hearing.hear(heard)
    assert (await hearing.finish()).text == "we want"
    assert plain.sessions[0].heard_ms == 400


@virtual_time
async def test_engines_that_cannot_even_open_are_passed_over() -> None:
    """Within the same call."""

    class Closed(StandingTranscriber):
        async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> Any:
            raise EngineBusyError("full")

    chosen = ears(Closed("best"), StandingTranscriber("plain", words("yes")))
    for _ in range(3):
        utterance = await chosen.open("en", "anna")
        await utterance.push(bytes(32_000))
        assert (await utterance.finish()).text == "yes"
    assert chosen.fallen == {"en": 1}


@virtual_time
async def test_a_pair_falls_by_itself_and_comes_back() -> None:
    """Another pair of the same engines stands; it is known which have fallen, and who serves."""
    faults = [EngineError(), EngineError()]
    chosen = translators(StandingTranslator("best", faults=faults), StandingTranslator("plain"))
    assert chosen.fallen == {}
    for _ in range(2):
        await chosen.translate(request("es"))
    await chosen.translate(request("fr"))
    assert chosen.fallen == {("en", "es"): 1}
    assert (chosen.serving(("en", "es")), chosen.serving(("en", "fr"))) == ("plain", "best")
    await asyncio.sleep(2)
    assert chosen.fallen == {("en", "es"): 1}, "nobody has tried yet"
    await chosen.translate(request("es"))
    assert chosen.fallen == {}


@virtual_time
async def test_what_a_provider_says_holds_for_all_its_pairs() -> None:
    """Also for those that were never asked for."""
    best = StandingTranslator("best", faults=[EngineBusyError("too often", 5)])
    chosen = translators(best, StandingTranslator("plain"))
    await chosen.translate(request("es"))
    assert chosen.fallen == {("en", "es"): 1, ("en", "fr"): 1}
    assert chosen.pairs == {("en", "es"), ("en", "fr")}


@virtual_time
async def test_without_another_engine_a_pair_is_not_offered_while_its_provider_refuses() -> None:
    """And is offered again once somebody may try."""
    chosen = translators(StandingTranslator("best", faults=[EngineBusyError("too often", 5)]))
    with pytest.raises(EngineBusyError):
        await chosen.translate(request())
    assert chosen.pairs == frozenset()
    assert chosen.fallen == {}, "there is nobody else who serves"
    await asyncio.sleep(5)
    assert chosen.pairs == {("en", "es"), ("en", "fr")}


@virtual_time
async def test_an_engine_that_is_down_has_fallen() -> None:
    """In everything that it does, at once; and back with its process."""
    best, plain = StandingTranslator("best"), StandingTranslator("plain")
    chosen = translators(best, plain)
    best.fall()
    assert chosen.fallen == {("en", "es"): 1, ("en", "fr"): 1}
    plain.fall()
    assert chosen.pairs == frozenset()
    assert set(chosen.fallen.values()) == {1}, "nobody would call that restored"
    best.rise()
    assert chosen.fallen == {}


@virtual_time
async def test_a_voice_falls_back_before_its_first_packet() -> None:
    """Also where that takes too long: the whole clause is in the other voice."""
    best, plain = StandingVoicer("best", faults=[EngineError()]), StandingVoicer("plain", packets_per_word=2)
    chosen = voices(best, plain)
    assert await spoken(chosen, "hola") == ["hola/0", "hola/1"]
    best.first_s = 60
    assert await spoken(chosen, "hola") == ["hola/0", "hola/1"]
    assert best.broken_off == ["hola"] * 2
    assert chosen.fallen == {"es": 1}


@virtual_time
async def test_a_voice_that_broke_off_does_not_go_on_in_another() -> None:
    """The clause ends; the next one is spoken by whoever is well."""

    class Hoarse(StandingVoicer):
        async def packets(self, request: SynthesisRequest) -> AsyncIterator[bytes]:
            yield b"first"
            raise EngineCrashedError

    chosen = voices(Hoarse("best"), StandingVoicer("plain", packets_per_word=1))
    for _ in range(2):
        packets = chosen.packets(clause("hola"))
        assert await anext(packets) == b"first"
        with pytest.raises(BrokenOffError):
            await anext(packets)
    assert await spoken(chosen, "hola") == ["hola/0"]


@virtual_time
async def test_a_voice_alone_may_be_asked_for_the_same_clause_again() -> None:
    """It says the same, so whoever has its beginning can go on."""

    class Hoarse(StandingVoicer):
        async def packets(self, request: SynthesisRequest) -> AsyncIterator[bytes]:
            yield b"first"
            raise EngineCrashedError

    packets = voices(Hoarse("best")).packets(clause("hola"))
    assert await anext(packets) == b"first"
    with pytest.raises(EngineCrashedError):
        await anext(packets)


@virtual_time
async def test_silence_is_an_answer() -> None:
    """A clause without sound is no reason to ask another engine."""
    plain = StandingVoicer("plain")
    assert await spoken(voices(StandingVoicer("best"), plain), "") == []
    assert plain.requests == []


def test_those_who_stand_first_say_how_many_are_served_at_once() -> None:
    """Whoever stands behind them adds nothing to that."""
    chosen = translators(StandingTranslator("best", concurrency=2), StandingTranslator("plain", concurrency=50))
    assert chosen.info.name == "best, plain"
    assert chosen.info.concurrency == 2


async def test_every_engine_lets_go_of_a_voice() -> None:
    """Whichever of them spoke in it."""
    first, second = StandingVoicer("first", "es"), StandingVoicer("second", "es")
    voices(first, second).forget("anna")
    assert (first.forgotten, second.forgotten) == (["anna"], ["anna"])
