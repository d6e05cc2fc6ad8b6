"""The pipeline's settings."""

import dataclasses

import pytest

from pipeline.settings import BusSettings, PipelineSettings


def test_everything_has_a_default_and_cannot_be_changed() -> None:
    """Settings are values."""
    settings = PipelineSettings()
    assert settings == PipelineSettings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.bus.queue = 1  # type: ignore[misc]


def test_a_bus_keeps_at_least_what_it_owes() -> None:
    """More may not be due to a group than is retained."""
    with pytest.raises(ValueError, match="queue"):
        BusSettings(retained=10, queue=11)


def test_the_hold_after_a_look_outlasts_the_silence_that_may_confirm_it() -> None:
    """150 ms is the first look, 600 ms the longest silence: the hold covers what lies between."""
    assert PipelineSettings().recognition.speculation_hold_ms >= 600 - 150


def test_a_language_that_hangs_leaves_time_for_the_next_clauses_voice() -> None:
    """What waits behind it must start within the deadline."""
    settings = PipelineSettings()
    assert settings.translation.answer_limit_s * 1000 < settings.synthesis.deadline_ms
