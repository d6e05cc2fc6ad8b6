"""CTranslate2's contract test translates with a small model of many languages, whose weights are random."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.engines.options.ctranslate2 import CTranslate2Options
from tests.support.translation_model import write_nllb


@asynccontextmanager
async def equipped(folder: Path) -> AsyncIterator[CTranslate2Options]:
    """Give options that lead to it."""
    write_nllb(folder / "nllb")
    yield CTranslate2Options(models=(str(folder),), device="cpu", compute_type="float32", threads=1)
