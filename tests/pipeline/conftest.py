"""Every test of the pipeline gets plain, quick log lines and a look at them."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

# An example may take as long as a busy machine needs for it.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def log_lines() -> Iterator[list[Any]]:
    """Collect what is logged instead of printing it: rendering a traceback in colour takes longer than the loop may."""
    with structlog.testing.capture_logs() as lines:
        yield lines
