"""Engines that work until a test says otherwise: while a certain file is there, they fail."""

import os
from pathlib import Path

from pipeline.engines.engine import EngineError

VARIABLE = "PARLEY_TEST_BROKEN"
"""The environment variable with the path of that file."""


def falter() -> None:
    """Fail, if it is time to.

    Raises:
        EngineError: the file is there.
    """
    if Path(os.environ[VARIABLE]).exists():
        raise EngineError("as the test asked")
