"""Trying an engine: as a process of its own, as it is when it serves."""

import pytest

from parley.engine_trial import Sample, Trial, pick, pick_pair, try_engine
from parley.samples import SAMPLE_RATE
from pipeline.engines.engine import UnsupportedLanguageError
from pipeline.engines.registry import EngineFile
from pipeline.engines.settings import EngineSettings

COUNTER = EngineFile("recognition", "counter", "tests.fakes.hosted.counter")
SHOUTER = EngineFile("translation", "shouter", "tests.fakes.hosted.shouter")
HUMMER = EngineFile("synthesis", "hummer", "tests.fakes.hosted.hummer")


async def tried(file: EngineFile, sample: Sample) -> Trial:
    return await try_engine(file, EngineSettings(), sample)


async def test_a_transcriber_hears_a_recording() -> None:
    """All of it; when the first words came, and how long the sound is, are told."""
    trial = await tried(COUNTER, Sample(pcm=bytes(SAMPLE_RATE * 2 + 10)))
    assert (trial.stage, trial.language, trial.asked) == ("recognition", "en", "the recording")
    assert trial.answered.startswith(f"{SAMPLE_RATE * 2 + 10} sample ")
    assert trial.sound_s == pytest.approx(1.0, abs=0.01)
    assert 0 < trial.first_s < trial.total_s
    assert trial.start_s > trial.total_s


async def test_without_a_recording_a_sample_is_made() -> None:
    """Espeak-ng says a sentence of the language."""
    trial = await tried(COUNTER, Sample())
    assert trial.asked == "Good morning, how are you today?"
    assert 1 < trial.sound_s < 5


async def test_a_translator_translates_what_it_is_given() -> None:
    """Into Spanish, where no language is named."""
    trial = await tried(SHOUTER, Sample(text="the house"))
    assert (trial.language, trial.asked, trial.answered) == ("en>es", "the house", "THE HOUSE")


async def test_a_synthesizer_speaks_what_it_is_given() -> None:
    """How long it sounds is told, and when it began to; it does not speak English, so its first language is taken."""
    trial = await tried(HUMMER, Sample(text="1000"))
    assert (trial.stage, trial.language, trial.asked) == ("synthesis", "es", "1000")
    assert trial.sound_s == pytest.approx(1.0, abs=0.1)
    assert 0 < trial.first_s <= trial.total_s


def test_the_language_is_the_one_that_is_wanted() -> None:
    """Else English, else the first; one that it does not know is named."""
    assert pick("pt-BR", frozenset({"pt", "en"}), "x") == "pt"
    assert pick("", frozenset({"de", "en-US"}), "x") == "en-US"
    assert pick("", frozenset({"auto", "fr", "es"}), "x") == "es"
    for wanted in ("fi", ""):
        with pytest.raises(UnsupportedLanguageError, match="x does not know"):
            pick(wanted, frozenset({"es"}) if wanted else frozenset(), "x")


def test_the_pair_is_the_one_that_is_wanted() -> None:
    """Else into Spanish, else what there is."""
    known = frozenset({("en", "fr"), ("en", "es"), ("fr", "en")})
    assert pick_pair("en", "fr", known, "x") == ("en", "fr")
    assert pick_pair("en", "", known, "x") == ("en", "es")
    assert pick_pair("fr", "", known, "x") == ("fr", "en")
    assert pick_pair("it", "", known, "x") == ("en", "es")
    with pytest.raises(UnsupportedLanguageError, match="x does not translate en to fi"):
        pick_pair("en", "fi", known, "x")
