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
