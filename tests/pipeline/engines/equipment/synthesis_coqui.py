"""A small XTTS model with random weights, made where coqui-tts is installed (`make test-coqui`)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.options.coqui import CoquiOptions
from tests.support.coqui_model import write_xtts


@asynccontextmanager
async def equipped(folder: Path) -> AsyncIterator[CoquiOptions]:
    try:
        # A minute on a busy machine.
        await asyncio.to_thread(write_xtts, folder)
    except ImportError as error:
        raise EngineUnavailableError(f"{error.name} is not installed", "run `make test-coqui`") from None
    # A third of a sentence in a chunk; for each the vocoder, as large as the real one, makes all that was before anew.
    yield CoquiOptions(model=str(folder), device="cpu", chunk_tokens=10)
