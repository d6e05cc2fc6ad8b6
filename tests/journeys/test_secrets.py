"""What opens doors is told to nobody: no secret, key or token stands in anything that a server writes."""

import asyncio
import contextlib
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.signaling.identity.bad_tokens import BAD
from tests.signaling.identity.signers import signed
from tests.support.until import until

pytestmark = pytest.mark.journey

SECRETS = {
    "PARLEY_SIGNALING__TOKENS__SECRETS": "new:north-by-northwest-and-further-on,old:to-catch-a-thief-in-the-night-time",
    "PARLEY_SIGNALING__TOKENS__API_KEYS": "shop:the-man-who-knew-too-much-about-it",
    "PARLEY_SIGNALING__TOKEN_SECRET": "strangers-on-a-train-to-metcalf-station",
}
KEY = {"X-Api-Key": "the-man-who-knew-too-much-about-it"}
COMMAND = ("-m", "parley", "serve", "--log-level", "debug", "--port", "0", "--set", "rtc.host=127.0.0.1")
# Also of tokens that are refused: they may be somebody's, with one letter lost.
TRIED = [bad.token for bad in BAD.values() if 40 < len(bad.token) < 4000 and bad.token.isascii()][::4]


async def join(http: aiohttp.ClientSession, token: str) -> str:
    """Come in by a socket, send another token that is none, and give the resume token."""
    async with http.ws_connect("/ws/signaling/demo", params={"token": token}) as socket:
        await socket.send_json({"type": "join", "name": "A", "speaking_language": "en", "listening_language": "en"})
        joined: dict[str, Any] = await socket.receive_json(timeout=5)
        await socket.send_json({"type": "token", "token": signed()})
        await socket.receive_json(timeout=5)
        return str(joined["resume_token"])


async def knock(http: aiohttp.ClientSession, token: str) -> None:
    """Show a token wherever one could, and in what is no request."""
    for path in ("/ws/signaling/demo", "/ws/captions/demo"):
        async with http.ws_connect(path, params={"token": token}) as socket:
            await socket.receive(timeout=5)
    for method, path in (("GET", "/r/demo"), ("GET", "/nowhere"), ("POST", "/api/v1/tokens"), ("GET", "/api/v1/rooms")):
        headers = {"Authorization": f"Bearer {token}"}
        async with http.request(method, path, params={"token": token}, headers=headers) as response:
            await response.read()


async def shout(url: str, token: str) -> None:
    """Send what is no HTTP."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET /ws/signaling/demo?token={token} HTTP/9.9\r\nX: \x01{token}\r\n\r\n".encode())
    await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving(output: bytearray) -> AsyncIterator[str]:
    """Run a server while the block runs, and give where it is; all that it writes is put into `output`."""
    process = await asyncio.create_subprocess_exec(sys.executable, *COMMAND, stdout=PIPE, stderr=STDOUT)
    stream = process.stdout
    assert stream

    async def listen() -> None:
        while part := await stream.read(65_536):
            output.extend(part)

    listening = asyncio.create_task(listen())
    try:
        await until(lambda: b"Parley is at" in output or listening.done(), 30)
        found = re.search(rb"Parley is at (http://\S+)", output)
        assert found, output.decode()
        yield found.group(1).decode()
        process.terminate()
        await asyncio.wait_for(process.wait(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await listening


async def test_nothing_that_opens_a_door_is_written_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Good and bad tokens, API keys and malformed requests, at the level debug: not a part of them in any output."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    output = bytearray()
    async with serving(output) as url, aiohttp.ClientSession(url) as http:
        async with http.post("/api/v1/tokens", json={"room_id": "demo"}, headers=KEY) as response:
            given = await response.json()
        resumed = await join(http, given["token"])
        for token in TRIED:
            await knock(http, token)
        await shout(url, given["token"])
        async with http.delete(f"/api/v1/tokens/{given['token_id']}", headers=KEY) as response:
            assert response.status == 204
        async with http.get("/metrics") as response:
            output.extend(await response.read())
    text = output.decode()
    for event in ("token_issued", "token_revoked", "malformed_request"):
        assert event in text
    pairs = [pair.rpartition(":")[2] for pairs in SECRETS.values() for pair in pairs.split(",")]
    for secret in (*pairs, *(part for token in (given["token"], resumed, *TRIED) for part in _parts(token))):
        assert secret not in text


def _parts(token: str) -> list[str]:
    """Give what of a token is its own: the claims and the signature, but for what any line may have."""
    return [part for part in token.split(".")[1:] if len(part) > 12]
