"""The package's HTTP client, without its patience."""

import asyncio
import inspect
import time

import deepl
import pytest

from pipeline.engines.deepl.one_try import MAX_BODY, OneTry
from tests.support.provider import Answer, Provider


def test_the_package_still_has_what_is_replaced() -> None:
    """Its client, the method that tries again, and the two names that the method of ours uses."""
    client = deepl.DeepLClient("key")
    assert isinstance(client._client, deepl.http_client.HttpClient)
    theirs = inspect.signature(deepl.http_client.HttpClient.request_with_backoff)
    assert set(inspect.signature(OneTry.request_with_backoff).parameters) == set(theirs.parameters)
    assert hasattr(client._client, "_session")
    assert hasattr(client._client, "_prepare_request")


async def test_an_answer_that_drips_ends_at_the_deadline() -> None:
    """The package's limit is for each piece; ours is for the whole."""
    async with Provider() as provider:
        provider.on("GET", "/", Answer(pieces=(b"x" * 5_000,) * 40, pause_s=0.05))
        client = OneTry(timeout_s=0.3, connect_s=0.3)
        began = time.monotonic()
        with pytest.raises(deepl.ConnectionException):
            await asyncio.to_thread(client.request_with_backoff, "GET", provider.url, None, None, {})
        assert time.monotonic() - began < 1.0
        client.close()  # type: ignore[no-untyped-call]


async def test_an_answer_without_end_is_an_error() -> None:
    """Memory is bounded."""
    async with Provider() as provider:
        provider.on("GET", "/", Answer(body=b"x" * (MAX_BODY + 1)))
        client = OneTry(timeout_s=5, connect_s=1)
        with pytest.raises(deepl.ConnectionException, match="ContentDecodingError"):
            await asyncio.to_thread(client.request_with_backoff, "GET", provider.url, None, None, {})
        client.close()  # type: ignore[no-untyped-call]
