"""One node and its bystanders for all attacks: what one leaves behind, the next ones show."""

import contextlib
from collections.abc import Iterator

import pytest

from tests.hostile.siege import Siege
from tests.hostile.siege import siege as started
from tests.support.urgent import urgent


@pytest.fixture(scope="session")
def siege(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    """Give a node with bystanders on it."""
    with contextlib.ExitStack() as stack:
        with urgent():
            node = stack.enter_context(started(tmp_path_factory.mktemp("siege")))
        yield node
