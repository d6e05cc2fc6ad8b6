"""What the contract tests of the three stages share."""

from typing import Any

import pytest

from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.registry import engine_files
from pipeline.messages.worker_status import Stage


def engines_of(stage: Stage) -> list[Any]:
    """Give every engine file of a stage as a parameter for its tests."""
    return [pytest.param(file, id=file.name) for file in engine_files(stage)]


def engine_of(param: Any) -> Any:
    """Make the engine, or skip with its reason."""
    try:
        engine = param.load()
        engine.check()
        return engine()
    except EngineUnavailableError as error:
        pytest.skip(str(error))
