"""What can be set about the engines."""

from dataclasses import FrozenInstanceError

import pytest

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
