"""Every test of the pipeline gets plain, quick log lines and a look at them."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog


@pytest.fixture(autouse=True)
def log_lines() -> Iterator[list[Any]]:
    """Collect what is logged instead of printing it: rendering a traceback in colour takes longer than the loop may."""
    with structlog.testing.capture_logs() as lines:
        yield lines
