"""DeepL's contract test asks a local server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.engines.options.deepl import DeepLOptions
from tests.pipeline.engines.deepl.service import served


@asynccontextmanager
async def equipped(folder: Path) -> AsyncIterator[DeepLOptions]:
    """Give options that lead to it."""
    async with served() as service:
        yield service.options()
