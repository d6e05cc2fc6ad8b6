"""What all calls have in common."""

import json
import subprocess
import sys

import pytest
from aiohttp import web

import parley.client
from parley.client.audio_call import AudioCall
from tests.fakes.switchboard import TICKET, caption, joined, switchboard, tell


async def test_captions_are_final_unless_asked_otherwise() -> None:
    """Interim ones are for those who show them."""

    async def script(socket: web.WebSocketResponse) -> None:
        await tell(socket, joined(), caption("ho", final=False), caption("hola"))
        await socket.receive()

    async with (
        switchboard(script) as server,
        parley.client.connect(server.url, "hall", name="Ann", token=TICKET, sound="audio") as call,
    ):
        async for each in call.captions():
            assert each.text == "hola"
            break
        async for each in call.captions(interim=True):
            assert each.text == "ho"
            break


async def test_what_is_asked_for_reaches_the_server() -> None:
    """Languages, the original and the microphone."""
    told: list[dict[str, object]] = []

    async def script(socket: web.WebSocketResponse) -> None:
        await tell(socket, joined())
        told.extend([json.loads(frame.data) async for frame in socket])

    async with (
        switchboard(script) as server,
        parley.client.connect(server.url, "hall", name="Ann", token=TICKET, sound="audio") as call,
    ):
        assert isinstance(call, AudioCall)
        assert set(call.participants) == {"p-1"}
        await call.set_languages(listening="fr")
        await call.set_original("low")
        await call.mute()
    assert told[:3] == [
        {"type": "set_languages", "listening_language": "fr"},
        {"type": "set_original", "original": "low"},
        {"type": "mute", "muted": True},
    ]


@pytest.mark.parametrize("sound", ["none", "webrtc"])
def test_a_bot_imports_no_server(sound: str) -> None:
    """Neither the door, the media server nor the pipeline; and aiortc only for calls over WebRTC."""
    program = (
        "import sys, parley.client\n"
        f"if {sound == 'webrtc'}: parley.client.WebRtcCall\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = set(found.stdout.split())
    assert not imported & {"signaling", "media_server", "pipeline", "prometheus_client", "pydantic"}
    assert ("aiortc" in imported) == ("av" in imported) == (sound == "webrtc")
