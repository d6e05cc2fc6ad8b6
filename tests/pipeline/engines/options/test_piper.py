"""What can be set about Piper."""

from typing import Any

import pytest

from pipeline.engines.options.piper import PiperOptions
from pipeline.engines.settings import EngineSettings


def test_nothing_needs_to_be_set() -> None:
    """By default it is where the models are, and on the CPU."""
    options = EngineSettings(models_dir="/models").options(PiperOptions)
    assert (options.folder, options.models_dir, options.cuda, options.voices) == ("", "/models", False, ())


@pytest.mark.parametrize("name", ["start_limit_s", "sentence_limit_s"])
def test_limits_are_above_zero(name: str) -> None:
    """Else nothing would ever be in time."""
    with pytest.raises(ValueError, match="above 0"):
        PiperOptions(**dict[str, Any]({name: 0.0}))
