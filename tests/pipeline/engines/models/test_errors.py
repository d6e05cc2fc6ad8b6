"""What is said when a model cannot be had."""

import pytest

from pipeline.engines.models.errors import (
    DamagedError,
    ModelError,
    ModelsOfflineError,
    NoRoomError,
    PullRunningError,
    UnknownModelError,
    UnreachableError,
)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (UnknownModelError("m"), "parley models list"),
        (ModelsOfflineError("m"), "engines.models_offline"),
        (UnreachableError("http://x/m", "404"), "engines.models_url"),
        (DamagedError("m", "a" * 64, "b" * 64), "try again"),
        (NoRoomError("/m", 2_000_000, 1_000_000), "engines.models_dir"),
        (PullRunningError("m"), "wait for it"),
    ],
)
def test_every_error_says_what_to_do(error: ModelError, says: str) -> None:
    """In one sentence."""
    assert says in str(error)
    assert "\n" not in str(error)
