import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
)
from pipeline.engines.http.client import HttpClient, Upload
from tests.support.provider import Answer, Provider, Request
from tests.support.until import until

KEY = "key-that-nobody-may-see"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as started:
        yield started


def client(
    provider: Provider, *, timeout_s: float = 5.0, concurrency: int = 4, max_body: int = 1_000_000
) -> HttpClient:
    headers = {"Authorization": f"Bearer {KEY}"}
    return HttpClient(
        provider.url + "/v1", headers=headers, timeout_s=timeout_s, concurrency=concurrency, max_body=max_body
    )


async def test_json_is_asked_for_with_the_key(provider: Provider) -> None:
    """A body goes out, an answer comes back, under the path of the base address."""
    provider.on("POST", "/v1/translate", lambda request: Answer(json={"heard": request.json["text"]}))
    async with client(provider) as http:
        assert await http.post_json("/translate", {"text": "grüß"}) == {"heard": "grüß"}
    assert provider.requests[0].headers["Authorization"] == f"Bearer {KEY}"
    assert provider.requests[0].headers["Content-Type"] == "application/json"


async def test_json_is_got_with_a_query(provider: Provider) -> None:
    """GET has no body."""
    provider.on("GET", "/v1/voices", Answer(json=[1]))
    async with client(provider) as http:
        assert await http.get_json("voices", {"page": "2"}) == [1]
    assert provider.requests[0].query["page"] == "2"


async def test_a_form_carries_fields_and_files(provider: Provider) -> None:
    """A field of several values is sent so often; names stay as they are written."""
    provider.on("POST", "/v1/hear", Answer(json={}))
    async with client(provider) as http:
        await http.post_form(
            "hear", {"model": "m", "kinds[]": ("a", "b")}, {"file": Upload("a.wav", b"\0\1", "audio/wav")}
        )
    assert provider.requests[0].form == {"model": "m", "kinds[]": ["a", "b"], "file": b"\0\1"}


async def test_sound_is_given_as_it_comes(provider: Provider) -> None:
    """The first piece is there long before the last."""
    provider.on("POST", "/v1/speak", Answer(pieces=(b"one", b"two"), pause_s=0.05))
    async with client(provider) as http, aclosing(http.stream("speak", {})) as pieces:
        assert [piece async for piece in pieces] == [b"one", b"two"]


@pytest.mark.parametrize("status", [401, 402, 403, 404])
async def test_a_refusal_says_what_to_do_and_not_the_key(provider: Provider, status: int) -> None:
    """Neither does it repeat what the provider wrote."""
    provider.on("POST", "/v1/x", Answer(status=status, json={"error": {"message": KEY, "code": "no_way"}}))
    async with client(provider) as http:
        with pytest.raises(EngineRefusedError, match=f"{status} \\(no_way\\)") as refused:
            await http.post_json("x", {})
        assert refused.value.remedy
        with pytest.raises(EngineRefusedError):
            await anext(http.stream("x", {}))
    assert KEY not in str(refused.value)


async def test_a_busy_provider_says_when_to_come_again(provider: Provider) -> None:
    """Retry-After comes through, and the next request is answered."""
    provider.on("POST", "/v1/x", Answer(status=429, headers={"Retry-After": "3"}), Answer(json=1))
    async with client(provider) as http:
        with pytest.raises(EngineBusyError) as busy:
            await http.post_json("x", {})
        assert busy.value.retry_after_s == 3
        assert await http.post_json("x", {}) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500),
        Answer(status=502, body=b"<html>bad gateway</html>"),
        Answer(body=b"<html>"),
        Answer(body=b'{"a": "\xff"}'),
        Answer(body=b"[" * 100_000),
        Answer(body=b'{"cut": "off"}', fault="half closed"),
        Answer(body=b'{"cut": "off"}', fault="reset"),
        Answer(fault="garbage"),
    ],
    ids=["500", "502", "no JSON", "no UTF-8", "deep", "half closed", "reset", "garbage"],
)
async def test_a_broken_answer_may_be_asked_for_again(provider: Provider, answer: Answer) -> None:
    """And then it is there."""
    provider.on("POST", "/v1/x", answer, Answer(json="well"))
    async with client(provider) as http:
        with pytest.raises(EngineError) as broken:
            await http.post_json("x", {})
        assert broken.value.retriable
        assert await http.post_json("x", {}) == "well"


async def test_sound_that_breaks_off_is_an_error(provider: Provider) -> None:
    """What came until then is given; silence instead of the rest would be a lie."""
    provider.on("POST", "/v1/x", Answer(body=b"sound" * 100, fault="half closed"))
    async with client(provider) as http:
        pieces = http.stream("x", {})
        heard = b""
        while len(heard) < 250:
            heard += await anext(pieces)
        with pytest.raises(EngineError):
            await anext(pieces)
    assert heard == b"sound" * 50


async def test_bytes_are_bytes_whatever_they_call_themselves(provider: Provider) -> None:
    """Some servers call sound a page."""
    provider.on("POST", "/v1/speak", Answer(body=b"RIFF", headers={"Content-Type": "text/html; charset=utf-8"}))
    async with client(provider) as http:
        assert await http.post("/speak", {}) == b"RIFF"


async def test_text_is_no_sound(provider: Provider) -> None:
    """A proxy's page, or an error that came with 200, would be noise in people's ears."""
    page = Answer(body=b"<html>", headers={"Content-Type": "text/html; charset=utf-8"})
    provider.on("POST", "/v1/x", page, Answer(json={"error": "x"}), Answer(body=b"sound"))
    async with client(provider) as http:
        for _ in range(2):
            with pytest.raises(EngineError, match="text where sound"):
                await anext(http.stream("x", {}))
        assert [piece async for piece in http.stream("x", {})] == [b"sound"]


@pytest.mark.parametrize("fault", ["silent", "slow body"])
async def test_no_answer_in_time_is_a_timeout(provider: Provider, fault: str) -> None:
    """Whether nothing comes, or the rest of it does not; and the connection is closed."""
    slow = Answer(pieces=(b"[", b"]"), pause_s=20) if fault == "slow body" else Answer(fault="silent")
    provider.on("POST", "/v1/x", slow)
    async with client(provider, timeout_s=0.1) as http:
        with pytest.raises(EngineTimeoutError):
            await http.post_json("x", {})
        with pytest.raises(EngineTimeoutError):
            async for _ in http.stream("x", {}):
                pass
        await until(lambda: provider.abandoned == 2)


async def test_nobody_there_is_an_error() -> None:
    """A port that nothing listens on."""
    async with Provider() as gone:
        pass
    async with client(gone) as http:
        with pytest.raises(EngineError) as failed:
            await http.post_json("x", {})
    assert failed.value.retriable


async def test_an_answer_has_a_largest_size(provider: Provider) -> None:
    """Beyond it nothing more is read."""
    provider.on("POST", "/v1/x", Answer(body=b"[" + b" " * 2_000 + b"]"))
    async with client(provider, max_body=1_000) as http:
        with pytest.raises(EngineError, match="more than 1000 bytes"):
            await http.post_json("x", {})
        with pytest.raises(EngineError, match="more than 1000 bytes"):
            async for _ in http.stream("x", {}):
                pass


async def test_redirections_are_not_followed(provider: Provider) -> None:
    """The key goes only where it was meant to go."""
    provider.on("POST", "/v1/x", Answer(status=307, headers={"Location": "/elsewhere"}))
    async with client(provider) as http:
        with pytest.raises(EngineUnavailableError, match="redirect"):
            await http.post_json("x", {})
    assert [request.path for request in provider.requests] == ["/v1/x"]


async def test_the_proxies_of_the_environment_are_not_used(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Speech goes through others' machines only if that is set here."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    provider.on("POST", "/v1/x", Answer(json=1))
    async with client(provider) as http:
        assert await http.post_json("x", {}) == 1


async def test_a_proxy_that_is_set_is_used(provider: Provider) -> None:
    """It sees the whole address."""
    provider.on("POST", "/v1/x", Answer(json=1))
    async with HttpClient("http://translate.invalid/v1", proxy=provider.url) as http:
        assert await http.post_json("x", {}) == 1
    assert provider.requests[0].headers["Host"] == "translate.invalid"


async def test_a_proxy_is_an_address() -> None:
    """Or the setting is refused, and not quoted."""
    with pytest.raises(EngineUnavailableError, match="proxy") as refused:
        HttpClient("http://h", proxy="user:secret@proxy")
    assert "secret" not in str(refused.value)


async def test_cancelling_closes_the_connection(provider: Provider) -> None:
    """In mid-call; others are not touched."""
    provider.on("POST", "/v1/slow", Answer(fault="silent"))
    provider.on("POST", "/v1/x", Answer(json=1))
    async with client(provider) as http:
        asking = asyncio.create_task(http.post_json("slow", {}))
        await until(lambda: bool(provider.requests))
        asking.cancel()
        await asyncio.wait([asking])
        await until(lambda: provider.abandoned == 1)
        assert await http.post_json("x", {}) == 1


async def test_closing_a_stream_closes_the_connection(provider: Provider) -> None:
    """Who stops listening is not sent the rest."""
    provider.on("POST", "/v1/x", Answer(pieces=(b"one", b"two"), pause_s=20))
    async with client(provider) as http:
        async with aclosing(http.stream("x", {})) as pieces:
            assert await anext(pieces) == b"one"
        await until(lambda: provider.abandoned == 1)


async def test_only_so_many_ask_at_once(provider: Provider) -> None:
    """Who comes later waits for a turn."""
    at_once = most = 0

    def counted(request: Request) -> Answer:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        asyncio.get_running_loop().call_later(0.02, left)
        return Answer(json=1, delay_s=0.02)

    def left() -> None:
        nonlocal at_once
        at_once -= 1

    provider.on("POST", "/v1/x", counted)
    async with client(provider, concurrency=2) as http:
        assert await asyncio.gather(*(http.post_json("x", {}) for _ in range(6))) == [1] * 6
        assert most == 2


async def test_who_gets_no_turn_in_time_is_told_so(provider: Provider) -> None:
    """As by a provider that is busy; once there is one, all is well."""
    provider.on("POST", "/v1/x", Answer(json=1))
    provider.on("POST", "/v1/slow", Answer(pieces=(b"one", b"two"), pause_s=20))
    async with client(provider, concurrency=2, timeout_s=0.5) as http:
        async with aclosing(http.stream("slow", {})) as first, aclosing(http.stream("slow", {})) as second:
            assert (await anext(first), await anext(second)) == (b"one", b"one")
            with pytest.raises(EngineBusyError):
                await http.post_json("x", {})
        assert await http.post_json("x", {}) == 1


async def test_connections_are_kept(provider: Provider) -> None:
    """The next clause need not wait for another handshake."""
    provider.on("POST", "/v1/x", Answer(json=1))
    async with client(provider) as http:
        for _ in range(3):
            await http.post_json("x", {})
    assert provider.connections == 1


async def test_a_closed_client_asks_nothing(provider: Provider) -> None:
    """Closing twice is harmless."""
    http = client(provider)
    async with http:
        pass
    await http.__aexit__()
    with pytest.raises(EngineError, match="closed"):
        await http.post_json("x", {})
