"""The engines of a whole system, real ones."""

import os
from typing import Any

import pytest

from pipeline.engines import engines as module
from pipeline.engines.apertium.stream_format import tidy
from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.engines import Engines
from pipeline.engines.paired import PairedTranscription
from pipeline.engines.settings import EngineSettings
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.translator import TranslationRequest
from tests.support.recordings import Recording


async def test_a_sentence_goes_from_english_sound_to_spanish_sound(
    recordings: tuple[Recording, ...], log_lines: list[Any]
) -> None:
    """Everything offline: heard, translated and spoken in three processes, which are gone at the end."""
    recording = recordings[4]
    async with Engines.start() as engines:
        utterance = await engines.transcriber.open("en", "anna")
        pcm = recording.samples.tobytes()
        for at in range(0, len(pcm), 3_200):
            await utterance.push(pcm[at : at + 3_200])
        heard = await utterance.finish()
        assert "he might even have been made" in heard.text
        request = TranslationRequest(text=heard.text, source="en", target="es")
        spanish = await engines.translator.translate(request)
        assert "podría" in spanish
        assert spanish == tidy(spanish)
        said = SynthesisRequest(text=spanish, language="es", voice_seed="anna")
        packets = [packet async for packet in engines.voicer.packets(said)]
        assert 1 < len(packets) * 0.02 < recording.duration_s
        processes = [
            process
            for chosen in (engines.transcriber, engines.translator, engines.voicer)
            for process in next(iter(vars(chosen)["_engines"].values())).process_ids
        ]
        assert len(set(processes)) == 3
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    chosen_lines = [line for line in log_lines if line["event"] == "engine_chosen"]
    assert {line["engine"] for line in chosen_lines} == {"pocketsphinx", "apertium", "espeak"}
    better = {line["engine"]: " ".join(line["better"]) for line in chosen_lines}
    assert "faster_whisper" in better["pocketsphinx"], "it is said what would be better, and how to get it"


async def test_every_choice_is_explained(log_lines: list[Any]) -> None:
    """What was picked for what, by stage; and a fast engine beside, which is the same one here: it is asked once."""
    settings = EngineSettings(stt="auto", translation="apertium", tts="espeak", stt_fast="pocketsphinx")
    async with Engines.start(settings) as engines:
        for stage, engine in (("recognition", "pocketsphinx"), ("translation", "apertium"), ("synthesis", "espeak")):
            (choice,) = engines.choices[stage]  # type: ignore[index]
            assert choice.engine == engine
            assert choice.why == f"only {engine} does it here"
        assert engines.transcriber.info.name == "pocketsphinx with pocketsphinx"
        utterance = await engines.transcriber.open("en", "anna")
        assert not isinstance(utterance, PairedTranscription)
        await utterance.abort()
    assert [line["event"] for line in log_lines] == ["engine_chosen"] * 3 + ["fast_engine_chosen"]


async def test_a_wrong_name_fails_the_start_and_leaves_nothing_running() -> None:
    """The error says what there is."""
    with pytest.raises(EngineUnavailableError, match="there is no engine 'alexandria' here"):
        async with Engines.start(EngineSettings(translation="alexandria")):
            pass


async def test_a_stage_without_engine_is_empty(monkeypatch: pytest.MonkeyPatch, log_lines: list[Any]) -> None:
    """The system starts all the same: people hear each other untranslated."""
    monkeypatch.setattr(module, "list_engines", lambda _stage, _settings: ())
    async with Engines.start() as engines:
        assert engines.transcriber.languages == frozenset()
        assert engines.translator.pairs == frozenset()
        assert engines.voicer.languages == frozenset()
    assert [line["event"] for line in log_lines] == ["no_engine"] * 3


async def test_one_stage_is_started_alone(log_lines: list[Any]) -> None:
    """A worker of one stage looks at its own engines only, starts those, and has none for the others."""
    async with Engines.start(EngineSettings(stt="no such thing"), ["synthesis"]) as engines:
        assert "es" in engines.voicer.languages
        assert engines.transcriber.languages == frozenset()
        assert engines.translator.pairs == frozenset()
        assert list(engines.choices) == ["synthesis"]
    assert [line["event"] for line in log_lines if line["event"] != "engine_chosen"] == []
