"""What can be set about the engines."""

from dataclasses import FrozenInstanceError, replace

import pytest

from pipeline.engines.options.deepl import DeepLOptions
from pipeline.engines.options.faster_whisper import FasterWhisperOptions
from pipeline.engines.settings import AUTO, EngineSettings


def test_engines_are_picked_automatically_by_default() -> None:
    """Nobody needs to name an engine."""
    settings = EngineSettings()
    assert {settings.stt, settings.translation, settings.tts} == {AUTO}


def test_settings_do_not_change() -> None:
    """What is in force at the start stays in force."""
    with pytest.raises(FrozenInstanceError):
        EngineSettings().bit_rate = 1  # type: ignore[misc]


@pytest.mark.parametrize("name", ["stt_processes", "translation_processes", "tts_processes"])
def test_an_engine_has_at_least_one_process(name: str) -> None:
    """The message names the setting."""
    with pytest.raises(ValueError, match=f"{name} is 0, but it must be at least 1"):
        EngineSettings(**{name: 0})  # type: ignore[arg-type]


def test_engines_look_for_models_in_the_folder_of_all_models() -> None:
    """Unless an engine has one of its own; options without models stay as they are."""
    settings = EngineSettings(models_dir="/all")
    assert settings.options(FasterWhisperOptions).models_dir == "/all"
    own = replace(settings, faster_whisper=FasterWhisperOptions(models_dir="/own", model="small"))
    assert own.options(FasterWhisperOptions).models_dir == "/own"
    assert replace(settings, faster_whisper=FasterWhisperOptions(model="small")).options(
        FasterWhisperOptions
    ) == FasterWhisperOptions(model="small", models_dir="/all")
    assert settings.options(DeepLOptions) == DeepLOptions()


def test_codes_that_are_set_reach_the_engines_that_have_some() -> None:
    """An engine's own come behind them, and so count; what cannot be read is refused at the start."""
    own = DeepLOptions(api_key="key", codes=("deepl:en=EN-GB",))
    settings = EngineSettings(codes=("deepl:pt=PT-PT",), deepl=own)
    assert settings.options(DeepLOptions).codes == ("deepl:pt=PT-PT", "deepl:en=EN-GB")
    with pytest.raises(ValueError, match="must be one of"):
        EngineSettings(codes=("depel:pt=PT-PT",))
