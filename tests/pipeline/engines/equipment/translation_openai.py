"""The contract test of OpenAI-compatible translation asks a local server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.engines.options.openai_translation import OpenAITranslationOptions
from tests.pipeline.engines.chat.service import ChatService


@asynccontextmanager
async def equipped(folder: Path) -> AsyncIterator[OpenAITranslationOptions]:
    """Give options that lead to it."""
    async with ChatService() as service:
        yield service.options()
