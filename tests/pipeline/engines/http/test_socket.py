import asyncio
from collections.abc import AsyncIterator

import pytest

from pipeline.engines.engine import EngineBusyError, EngineError, EngineRefusedError, EngineTimeoutError
from pipeline.engines.http.client import HttpClient
from pipeline.engines.http.socket import SocketClosedError
from tests.support.provider import Answer, Provider, Talking
from tests.support.until import until


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as started:
        yield started


@pytest.fixture
async def http(provider: Provider) -> AsyncIterator[HttpClient]:
    async with HttpClient(
        provider.url, headers={"Authorization": "Token secret"}, timeout_s=2, concurrency=1
    ) as opened:
        yield opened


async def echo(talking: Talking) -> None:
    while (said := await talking.receive()) is not None:
        await talking.tell({"bytes": len(said)} if isinstance(said, bytes) else said)


async def test_it_carries_json_and_bytes(provider: Provider, http: HttpClient) -> None:
    """With the key and the query in the handshake; a name may come twice."""
    provider.talk("/live", echo)
    async with http.socket("/live", [("term", "a"), ("term", "b c")]) as socket:
        await socket.tell({"type": "KeepAlive"})
        await socket.send(bytes(320))
        assert [await socket.receive(), await socket.receive()] == [{"type": "KeepAlive"}, {"bytes": 320}]
    request = provider.talks[0].request
    assert request.headers["Authorization"] == "Token secret"
    assert request.query.getall("term") == ["a", "b c"]  # type: ignore[attr-defined]
    await until(lambda: provider.open_talks == 0)


@pytest.mark.parametrize(("status", "kind"), [(401, EngineRefusedError), (402, EngineRefusedError), (500, EngineError)])
async def test_a_refused_handshake_says_why(
    provider: Provider, http: HttpClient, status: int, kind: type[EngineError]
) -> None:
    """As any other answer does."""
    provider.on("GET", "/live", Answer(status=status))
    with pytest.raises(kind, match=str(status)) as refused:
        async with http.socket("/live"):
            pass
    assert "secret" not in str(refused.value)


async def test_a_busy_handshake_says_for_how_long(provider: Provider, http: HttpClient) -> None:
    """Retry-After counts here too."""
    provider.on("GET", "/live", Answer(status=429, headers={"Retry-After": "9"}))
    with pytest.raises(EngineBusyError) as busy:
        async with http.socket("/live"):
            pass
    assert busy.value.retry_after_s == 9


async def test_a_handshake_that_never_ends_is_a_timeout(provider: Provider) -> None:
    """After the time to connect."""
    provider.on("GET", "/live", Answer(fault="silent"))
    async with HttpClient(provider.url, connect_s=0.1) as http:
        with pytest.raises(EngineTimeoutError):
            async with http.socket("/live"):
                pass


@pytest.mark.parametrize("said", ["no JSON", "[1]", '"text"', "[" * 10_000])
async def test_what_is_no_object_is_an_error(provider: Provider, http: HttpClient, said: str) -> None:
    """And is not quoted."""

    async def garble(talking: Talking) -> None:
        await talking.say(said)
        await talking.receive()

    provider.talk("/live", garble)
    async with http.socket("/live") as socket:
        with pytest.raises(EngineError, match="no JSON object"):
            await socket.receive()


async def test_a_goodbye_has_its_code(provider: Provider, http: HttpClient) -> None:
    """Of its reason only the code: the rest may say anything."""

    async def leave(talking: Talking) -> None:
        await talking.close(1011, "NET-0001 we heard: hello there")

    provider.talk("/live", leave)
    async with http.socket("/live") as socket:
        with pytest.raises(SocketClosedError) as closed:
            await socket.receive()
    assert closed.value.code == 1011
    assert "1011, NET-0001" in str(closed.value)
    assert "hello" not in str(closed.value)


async def test_try_again_later_is_busy(provider: Provider, http: HttpClient) -> None:
    """Close code 1013."""

    async def leave(talking: Talking) -> None:
        await talking.close(1013)

    provider.talk("/live", leave)
    async with http.socket("/live") as socket:
        with pytest.raises(EngineBusyError):
            await socket.receive()


async def test_a_cut_connection_is_an_error(provider: Provider, http: HttpClient) -> None:
    """While waiting for a word, and when saying one."""

    async def vanish(talking: Talking) -> None:
        await talking.receive()
        talking.vanish()

    provider.talk("/live", vanish)
    async with http.socket("/live") as socket:
        await socket.tell({})
        with pytest.raises(EngineError):
            await socket.receive()
        with pytest.raises(EngineError):
            await socket.send(bytes(10))


async def test_cancelling_closes_it(provider: Provider, http: HttpClient) -> None:
    """And its turn is free again."""

    async def wait() -> None:
        async with http.socket("/live") as socket:
            await socket.receive()

    provider.talk("/live", echo)
    waiting = asyncio.create_task(wait())
    await until(lambda: provider.open_talks == 1)
    waiting.cancel()
    await asyncio.wait([waiting])
    await until(lambda: provider.open_talks == 0)
    async with http.socket("/live") as socket:
        await socket.tell({"a": 1})
        assert await socket.receive() == {"a": 1}
