"""What the contract tests of the three stages share."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

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


def shared_engine(stage: Stage) -> Any:
    """Make the fixture that gives each engine of a stage, started once for all tests of a module."""

    @pytest_asyncio.fixture(scope="module", loop_scope="module", params=engines_of(stage))
    async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
        async with engine_of(request.param) as started:
            yield started

    return engine
