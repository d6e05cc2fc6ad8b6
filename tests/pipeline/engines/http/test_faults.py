import asyncio

import aiohttp
import pytest

from pipeline.engines.engine import EngineError, EngineTimeoutError
from pipeline.engines.http.faults import engine_errors


@pytest.mark.parametrize(
    ("thrown", "kind"),
    [
        (TimeoutError(), EngineTimeoutError),
        (aiohttp.ServerTimeoutError(), EngineTimeoutError),
        (ConnectionResetError("secret"), EngineError),
        (aiohttp.ServerDisconnectedError("secret"), EngineError),
        (aiohttp.ClientPayloadError("secret"), EngineError),
        (aiohttp.InvalidURL("http://h/?key=secret"), EngineError),
    ],
)
def test_what_the_network_does_is_an_engines_error(thrown: Exception, kind: type[EngineError]) -> None:
    """With the host in its message, and nothing of what was sent."""
    with pytest.raises(EngineError) as raised, engine_errors("api.example.com"):
        raise thrown
    assert type(raised.value) is kind
    assert raised.value.retriable
    assert "api.example.com" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_cancelling_stays_cancelling() -> None:
    """Nor are an engine's own errors touched."""
    with pytest.raises(asyncio.CancelledError), engine_errors("h"):
        raise asyncio.CancelledError
