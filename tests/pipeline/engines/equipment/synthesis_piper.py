"""Two voices with random weights, for the real Piper where it is: see `PIPER`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.engines.options.piper import PiperOptions
from tests.support.piper_voice import write_voice

PIPER = os.environ.get("PARLEY_TEST_PIPER", PiperOptions.command)
"""What starts its web server; the variable names one in an environment of its own: it is GPL, so ours has it not."""


@asynccontextmanager
async def equipped(folder: Path) -> AsyncIterator[PiperOptions]:
    write_voice(folder, "es_ES-buzz-medium", speakers=20)
    write_voice(folder, "es_MX-hum-low", code="es_MX", sample_rate=16_000)
    yield PiperOptions(folder=str(folder), command=PIPER)
