"""Parley from Python: calls, captions, tokens and webhooks for bots, tests and load.

```python
async with parley.client.connect(url, "demo", name="Bot", speaking_language="en", listening_language="es") as call:
    await call.say(pcm)
    async for caption in call.captions():
        ...
```

Nothing of the server is imported, and aiortc only for calls over WebRTC.
"""

from typing import TYPE_CHECKING, Any, Literal

from parley.client.audio_call import AudioCall
from parley.client.call import Call
from parley.client.captions import Captions
from parley.client.events import OriginalChoice
from parley.client.messages import Join
from parley.client.rest import Rest
from parley.client.tokens import TokenSource, dev_token
from parley.client.webhooks import verify as verify_webhook

if TYPE_CHECKING:
    from parley.client.webrtc_call import WebRtcCall

__all__ = [
    "AudioCall",
    "Call",
    "Captions",
    "Join",
    "Rest",
    "WebRtcCall",
    "connect",
    "dev_token",
    "verify_webhook",
]


def connect(
    url: str,
    room: str,
    *,
    name: str,
    token: TokenSource = None,
    speaking_language: str | None = None,
    listening_language: str | None = None,
    original: OriginalChoice = "off",
    sound: Literal["webrtc", "audio"] = "webrtc",
) -> Call:
    """Give a call, to be entered with `async with`.

    Args:
        url: of the server, `https://parley.example.org`.
        room: its id.
        name: what the others see.
        token: or what fetches one; None: a development token, which servers give on their own machine.
        speaking_language: BCP-47, or `auto`; None: as the room has it.
        listening_language: BCP-47; None: as the room has it.
        original: what becomes of translated people's own voices.
        sound: over WebRTC, as pages do, or by the audio socket, which needs no aiortc.
    """
    who = Join(name=name, speaking_language=speaking_language, listening_language=listening_language, original=original)
    if sound == "audio":
        return AudioCall(url, room, who, token=token)
    from parley.client.webrtc_call import WebRtcCall

    return WebRtcCall(url, room, who, token=token)


def __getattr__(name: str) -> Any:
    if name == "WebRtcCall":
        from parley.client.webrtc_call import WebRtcCall

        return WebRtcCall
    raise AttributeError(name)
