"""All chosen engines of a stage behind one protocol."""

from collections.abc import AsyncIterator

import pytest

from pipeline.engines.chosen import ChosenTranscriber, ChosenTranslator, ChosenVoicer
from pipeline.engines.engine import EngineInfo, UnsupportedLanguageError
from pipeline.engines.hosted import HostedTranscriber, HostedTranslator, HostedVoicer
from pipeline.engines.settings import EngineSettings
from pipeline.engines.synthesizer import SynthesisRequest, Voicer
from pipeline.engines.transcriber import Transcriber
from pipeline.engines.translator import TranslationRequest, Translator
from tests.fakes.hosted import counter, hummer, shouter

SETTINGS = EngineSettings()
SLOW = EngineInfo("slow", "translation", "GPL-2.0-or-later", "MIT", "network", False, 4, cheap=False, quality=90)


@pytest.fixture
async def shouting() -> AsyncIterator[HostedTranslator]:
    async with HostedTranslator(shouter.Engine.info, "tests.fakes.hosted.shouter", SETTINGS) as hosted:
        yield hosted


async def test_each_pair_goes_to_its_engine(shouting: HostedTranslator) -> None:
    """And a pair without one is refused."""
    chosen: Translator = ChosenTranslator("translation", {("en", "es"): shouting})
    async with chosen:
        assert await chosen.translate(TranslationRequest(text="hi", source="en", target="es")) == "HI"
        with pytest.raises(UnsupportedLanguageError):
            await chosen.translate(TranslationRequest(text="hi", source="en", target="fr"))
    assert shouting.healthy, "its owner ends it"


async def test_what_is_down_for_long_is_not_offered(shouting: HostedTranslator) -> None:
    """A pair whose engine does not run is no pair."""
    down = HostedTranslator(SLOW, "tests.fakes.hosted.unfit", SETTINGS)
    chosen = ChosenTranslator("translation", {("en", "es"): shouting, ("en", "fr"): down})
    assert chosen.pairs == {("en", "es")}


def test_several_engines_describe_themselves_as_one() -> None:
    """Together they are as cheap as the dearest, best first in name."""
    cheap = HostedTranslator(shouter.Engine.info, "a", SETTINGS)
    slow = HostedTranslator(SLOW, "b", SETTINGS)
    info = ChosenTranslator("translation", {("en", "es"): cheap, ("en", "fr"): slow, ("en", "ca"): slow}).info
    assert info.name == "slow, shouter"
    assert info.licence == "GPL-2.0-or-later AND MIT"
    assert info.concurrency == 12
    assert not info.cheap


def test_no_engine_at_all_is_none() -> None:
    """A stage that nothing works for offers nothing."""
    nothing = ChosenTranscriber("recognition", {})
    assert nothing.info.name == "none"
    assert nothing.languages == frozenset()


async def test_the_transcriber_opens_where_the_language_is_heard() -> None:
    """Language and speaker are passed on."""
    async with HostedTranscriber(counter.Engine.info, "tests.fakes.hosted.counter", SETTINGS) as hosted:
        chosen: Transcriber = ChosenTranscriber("recognition", {"en": hosted})
        utterance = await chosen.open("en", "anna")
        assert (await utterance.finish()).words[1].text == "anna"
        assert chosen.languages == {"en"}
        with pytest.raises(UnsupportedLanguageError):
            await chosen.open("es")


async def test_the_voicer_speaks_where_the_language_is_spoken() -> None:
    """Packets come through; closing is passed on."""
    async with HostedVoicer(hummer.Engine.info, "tests.fakes.hosted.hummer", SETTINGS) as hosted:
        chosen: Voicer = ChosenVoicer("synthesis", {"es": hosted})
        assert chosen.languages == {"es"}
        packets = [
            packet async for packet in chosen.packets(SynthesisRequest(text="200", language="es", voice_seed="anna"))
        ]
        assert 10 <= len(packets) <= 12
        with pytest.raises(UnsupportedLanguageError):
            await anext(chosen.packets(SynthesisRequest(text="200", language="fr", voice_seed="anna")))
