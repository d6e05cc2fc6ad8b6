"""What tests of the media server share."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.hall import Hall


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    """Give a room whose workers are all there, and close it."""
    hall = Hall()
    yield hall
    await hall.room.close()
