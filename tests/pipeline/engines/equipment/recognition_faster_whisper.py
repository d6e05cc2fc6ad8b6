"""What faster-whisper is tested with: a tiny model with random weights, which says the same sentence to everything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.engines.options.faster_whisper import FasterWhisperOptions
from tests.support.whisper_model import micro_model


@asynccontextmanager
async def equipped(folder: Path) -> AsyncIterator[FasterWhisperOptions]:
    yield FasterWhisperOptions(
        model=str(micro_model()), device="cpu", compute_type="float32", threads=1, pad_to_s=4, batch_wait_ms=0
    )
