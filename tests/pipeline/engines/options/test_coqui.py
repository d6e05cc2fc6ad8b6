"""What can be set about Coqui."""

from typing import Any

import pytest

from pipeline.engines.options.coqui import CoquiOptions
from pipeline.engines.settings import EngineSettings


def test_the_safe_way_is_the_default() -> None:
    """XTTS from where models are, no code out of weights, and whatever device there is."""
    options = EngineSettings(models_dir="/models").options(CoquiOptions)
    assert (options.model, options.models_dir) == ("xtts-v2", "/models")
    assert (options.allow_pickle, options.device) == (False, "auto")


@pytest.mark.parametrize(
    "wrong",
    [{"chunk_tokens": 0}, {"likenesses": 0}, {"reference_least_s": 0.1}, {"reference_most_s": 1.0}],
    ids=str,
)
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    """By name."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        CoquiOptions(**wrong)
