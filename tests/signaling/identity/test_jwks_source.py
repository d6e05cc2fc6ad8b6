"""Where public keys come from: a file, or a server on the way to which nobody can be misled."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from signaling.identity.jwks import LARGEST
from signaling.identity.jwks_source import JwksSource
from signaling.identity.settings import TokenSettings
from tests.signaling.identity.signers import ec_key, jwk, jwk_set, rsa_key
from tests.support.until import until

ONE = jwk_set(jwk(rsa_key(), "rsa-1"))
BOTH = jwk_set(jwk(rsa_key(), "rsa-1"), jwk(ec_key(), "ec-1"))


class Provider:
    """A server of public keys that counts who asks, and answers as a test wants."""

    def __init__(self) -> None:
        self.document = ONE
        self.status = 200
        self.headers: dict[str, str] = {}
        self.asked: list[dict[str, str]] = []
        self.elsewhere = 0
        self.go = asyncio.Event()
        self.go.set()
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.headers))
        await self.go.wait()
        return web.Response(body=self.document, status=self.status, headers=self.headers)

    async def endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b" " * 16_384)
                await asyncio.sleep(0)
        return response

    async def other(self, _request: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response(body=ONE)


@contextlib.asynccontextmanager
async def serving(provider: Provider) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_get("/jwks.json", provider.answer)
    app.router.add_get("/other.json", provider.other)
    app.router.add_get("/endless.json", provider.endless)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}/jwks.json"
    try:
        yield
    finally:
        provider.go.set()
        await runner.cleanup()


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    async with serving(provider):
        yield provider


def source(provider: Provider, **settings: Any) -> JwksSource:
    return JwksSource(TokenSettings(jwks_url=provider.url, **{"jwks_hurry_s": 1.0, **settings}))


def names(source: JwksSource) -> list[str]:
    return [key.name for key in source.keys]


async def test_keys_are_here_when_it_is_open(provider: Provider) -> None:
    """And are not asked for again and again."""
    async with (keys := source(provider)).open():
        assert names(keys) == ["rsa-1"]
        assert keys.is_ready
        for _ in range(10):
            assert keys.keys
    assert len(provider.asked) == 1
    assert provider.asked[0]["Accept-Encoding"] == "identity"


async def test_without_a_source_there_is_nothing_to_wait_for() -> None:
    """No task, no look, no key; and ready."""
    keys = JwksSource(TokenSettings())
    async with keys.open():
        assert not await keys.hurry()
    assert keys.is_ready
    assert keys.keys == ()


async def test_they_are_looked_at_now_and_then(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is added comes by itself; one that is taken out goes."""
    keys = source(provider)
    object.__setattr__(keys._settings, "jwks_refresh_s", 0.02)
    async with keys.open():
        provider.document = BOTH
        await until(lambda: names(keys) == ["rsa-1", "ec-1"])
        provider.document = jwk_set(jwk(ec_key(), "ec-1"))
        await until(lambda: names(keys) == ["ec-1"])


async def test_however_many_are_in_a_hurry_there_is_one_look(provider: Provider) -> None:
    """All of them wait for it; those who come after are told at once that it is of no use."""
    async with (keys := source(provider, jwks_hurry_s=30.0)).open():
        keys._looked_at -= 30.0
        provider.go.clear()
        provider.document = BOTH
        waiting = [asyncio.create_task(keys.hurry()) for _ in range(50)]
        await until(lambda: len(provider.asked) == 2)
        provider.go.set()
        assert all(await asyncio.gather(*waiting))
        assert names(keys) == ["rsa-1", "ec-1"]
        assert [await keys.hurry() for _ in range(50)] == [False] * 50
    assert len(provider.asked) == 2


async def test_a_redirection_leads_nowhere(provider: Provider) -> None:
    """Keys come from where it was said, and from nowhere else."""
    provider.status, provider.headers = 302, {"Location": provider.url.replace("jwks", "other")}
    with capture_logs() as lines:
        async with (keys := source(provider)).open():
            assert not keys.is_ready
    assert provider.elsewhere == 0
    assert [line["why"] for line in lines] == ["the answer was 302"]


@pytest.mark.parametrize(
    ("document", "headers", "status", "why"),
    [
        (b" " * (LARGEST + 1), {}, 200, "it is larger than 256 KiB"),
        (b"<html>", {}, 200, "it is not one JSON object"),
        (ONE, {}, 500, "the answer was 500"),
        (ONE, {}, 204, "the answer was 204"),
        (b"\x1f\x8b" + ONE, {"Content-Encoding": "gzip"}, 200, "it is not one JSON object"),
    ],
)
async def test_what_is_no_set_changes_nothing(
    provider: Provider, document: bytes, headers: dict[str, str], status: int, why: str
) -> None:
    """The keys that are here stay, and it is logged without what came."""
    async with (keys := source(provider)).open():
        provider.document, provider.headers, provider.status = document, headers, status
        keys._looked_at -= 1.0
        with capture_logs() as lines:
            assert await keys.hurry()
        assert names(keys) == ["rsa-1"]
    assert lines == [
        {"event": "token_keys_failed", "log_level": "warning", "why": why, "kept_for_s": pytest.approx(86_400, abs=5)}
    ]


async def test_a_server_that_does_not_stop_is_heard_no_further(provider: Provider) -> None:
    """No more is taken than a set may have."""
    with capture_logs() as lines:
        async with JwksSource(TokenSettings(jwks_url=provider.url.replace("jwks", "endless"))).open():
            pass
    assert [line["why"] for line in lines] == ["it is larger than 256 KiB"]


async def test_a_server_that_does_not_answer_is_given_up(provider: Provider) -> None:
    """The start takes no longer than that, and another look is taken soon."""
    provider.go.clear()
    keys = source(provider, jwks_timeout_s=0.05)
    object.__setattr__(keys._settings, "jwks_hurry_s", 0.02)
    with capture_logs() as lines:
        async with keys.open():
            assert not keys.is_ready
            provider.go.set()
            await until(lambda: keys.is_ready)
    assert lines[0]["why"] == "TimeoutError"
    assert "127.0.0.1" not in str(lines)


async def test_keys_do_not_outlive_their_server_for_ever(provider: Provider) -> None:
    """Where they cannot be had anew for a day, they may have been taken back."""
    async with (keys := source(provider)).open():
        keys._had_at -= 24 * 3600 + 1
        assert keys.keys == ()
        assert not keys.is_ready


async def test_keys_from_a_file(tmp_path: Path) -> None:
    """Read anew as well; where it is missing, that is told, and it may come."""
    file = tmp_path / "jwks.json"
    keys = JwksSource(TokenSettings(jwks_file=str(file), jwks_hurry_s=1.0))
    object.__setattr__(keys._settings, "jwks_hurry_s", 0.02)
    with capture_logs() as lines:
        async with keys.open():
            assert not keys.is_ready
            file.write_bytes(ONE)
            await until(lambda: names(keys) == ["rsa-1"])
    assert lines[0]["why"] == "FileNotFoundError"
