"""What can be set about faster-whisper."""

from typing import Any

import pytest

from pipeline.engines.options.faster_whisper import FasterWhisperOptions


def test_the_defaults_are_allowed() -> None:
    """And leave the choice of model, device and numbers to the machine."""
    options = FasterWhisperOptions()
    assert (options.model, options.device, options.compute_type) == ("auto", "auto", "auto")


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_batch_size", 0), ("beam_size", -1), ("no_speech_threshold", 1.5), ("window_s", 40.0), ("step_s", 0.0)],
)
def test_what_makes_no_sense_is_refused(name: str, value: Any) -> None:
    """By its name, with what it may be."""
    with pytest.raises(ValueError, match=f"{name} is {value}, but it must be from"):
        FasterWhisperOptions(**{name: value})
