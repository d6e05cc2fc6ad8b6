"""What the contract tests of the three stages share."""

import importlib
import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.registry import EngineFile, engine_files
from pipeline.engines.settings import EngineSettings
from pipeline.messages.worker_status import Stage

EQUIPMENT = "tests.pipeline.engines.equipment"
"""Here is, in a module called STAGE_NAME, what an engine needs that no machine has by itself, and how it is made.

A small model with random weights, or a local server that speaks a provider's protocol:
`equipped(folder)`, an async context manager, makes it in an empty folder and gives the engine's options.
"""


def engines_of(stage: Stage) -> list[Any]:
    """Give every engine file of a stage as a parameter for its tests."""
    return [pytest.param(file, id=file.name) for file in engine_files(stage)]


@asynccontextmanager
async def engine_of(file: EngineFile, folder: Path) -> AsyncIterator[Any]:
    """Make the engine and start it, with its equipment; or skip with its reason."""
    equipment = f"{EQUIPMENT}.{file.stage}_{file.name}"
    try:
        if importlib.util.find_spec(equipment) is None:
            async with file.build(EngineSettings()) as started:
                yield started
        else:
            async with importlib.import_module(equipment).equipped(folder) as options, file.load()(options) as started:
                yield started
    except EngineUnavailableError as error:
        pytest.skip(str(error))


def shared_engine(stage: Stage) -> Any:
    """Make the fixture that gives each engine of a stage, started once for all tests of a module."""

    @pytest_asyncio.fixture(scope="module", loop_scope="module", params=engines_of(stage))
    async def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
        async with engine_of(request.param, tmp_path_factory.mktemp("equipment")) as started:
            yield started

    return engine
