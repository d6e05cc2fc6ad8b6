"""The way in, and hostile clients: what they cost is their own socket."""

import asyncio
import contextlib
import socket as sockets

import aiohttp
import numpy as np
import pytest

from signaling.audio.settings import AudioSettings
from tests.signaling.audio.conftest import ROOM, OpenStage, Stage
from tests.support.opus import encode
from tests.support.recordings import Recording, silence


async def test_a_bad_token_is_closed_before_anything_else(stage: Stage) -> None:
    """4001, no message, and nobody joins."""
    async with stage.http.ws_connect(f"/ws/audio/{ROOM}", params={"token": "no", "format": "nonsense"}) as socket:
        message = await socket.receive(timeout=5)
        assert (message.type, socket.close_code) == (aiohttp.WSMsgType.CLOSE, 4001)
    assert stage.rooms.get(ROOM) is None


@pytest.mark.parametrize(
    "query", [{"format": "mp3"}, {"sample_rate": "7999"}, {"receive_frame_ms": "30"}, {"send": "yes"}]
)
async def test_a_query_that_cannot_be_used_is_told_so(stage: Stage, query: dict[str, str]) -> None:
    """`bad_query`, then 1008."""
    async with stage.audio("ann", **query) as ann:
        assert await ann.closed() == 1008
    assert [text["code"] for text in ann.texts] == ["bad_query"]


@pytest.mark.parametrize(("query", "code"), [({"speaking_language": "klingon?"}, "unknown_language")])
async def test_who_cannot_join_is_told_why(stage: Stage, query: dict[str, str], code: str) -> None:
    """As with `join`, and then 1008."""
    async with stage.audio("ann", **query) as ann:
        assert await ann.closed() == 1008
    assert [text["code"] for text in ann.texts] == [code]


async def test_sound_that_is_none_is_refused_and_then_the_socket_closed(stage: Stage, recording: Recording) -> None:
    """Half samples, nothing, more than a second: told each time, and 1008 when it does not end. Others are heard."""
    async with stage.audio("lea", listening_language="es"), stage.audio("ann") as ann:
        async with stage.audio("eve") as eve:
            with contextlib.suppress(ConnectionError):
                for bad in [b"\0" * 3201, b"", b"\0" * 33_000] * 8:
                    await eve.socket.send_bytes(bad)
            assert await eve.closed() == 1008
        assert {error["code"] for error in eve.of("error")} == {"bad_sound"}
        assert len(eve.of("error")) == 20
        await ann.say(recording.samples)
        await stage.until_heard("ann", 5)


async def test_a_megabyte_is_too_much(stage: Stage) -> None:
    """1009."""
    async with stage.audio("eve") as eve:
        await eve.told("joined")
        with contextlib.suppress(ConnectionError):
            await eve.socket.send_bytes(bytes(2**20))
        assert await eve.closed() == 1009


async def test_a_flood_of_text_ends_the_socket(stage: Stage) -> None:
    """The rate of messages is that of the signaling socket; 1008."""
    async with stage.audio("eve") as eve:
        with contextlib.suppress(ConnectionError):
            for _ in range(200):
                await eve.send("ping")
        assert await eve.closed() == 1008


async def test_who_reads_slowly_loses_old_sound_and_no_order(open_stage: OpenStage, recording: Recording) -> None:
    """Frames that waited too long are left out: a hole in the sequence, and what comes behind it is new."""
    stage = await open_stage(audio=AudioSettings(outbox_ms=200, ahead_s=60.0))
    token = stage.door.tokens.issue(ROOM, "lea")
    with sockets.socket(sockets.AF_INET, sockets.SOCK_STREAM) as raw:
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, ("127.0.0.1", stage.http.server.port))
        request = (
            f"GET /ws/audio/{ROOM}?token={token}&speaking_language=en&listening_language=es HTTP/1.1\r\n"
            "Host: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        await loop.sock_sendall(raw, request.encode())
        await loop.sock_recv(raw, 1024)
        async with stage.audio("ann") as ann:
            await ann.say(np.concatenate([recording.samples, silence(1.0)]))
            await ann.until(lambda: stage.utterances("ann"))
            loud = np.random.default_rng(1).integers(-9_000, 9_000, 16_000 * 3).astype(np.int16)
            await stage.speak(stage.of("ann")[0], encode(loud))
            await asyncio.sleep(3.5)
            received = b""
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    while data := await loop.sock_recv(raw, 65_536):
                        received += data
    sequences = [int(each.split(b",")[0]) for each in received.split(b'"sequence":')[1:]]
    assert sequences == sorted(set(sequences))
    assert len(sequences) < max(sequences)
    assert max(sequences) >= 29
