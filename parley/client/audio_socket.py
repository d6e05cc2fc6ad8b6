"""A participant's audio socket: sound as binary messages, everything else as on the signaling socket."""

import asyncio
import time
from collections.abc import Mapping

import msgspec

from parley.client.errors import UnreachableError
from parley.client.heard import Heard
from parley.client.signaling import Signaling
from parley.client.socket import Socket

SAMPLE_RATE = 16_000
"""Hertz of what is heard."""
_LENGTH_BYTES = 2
# Seconds that sending may take before the sound counts as lost: TCP is full, and what is said now is worth more.
_SEND_S = 2.0


class SoundHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What stands before the sound of a binary message (signaling/PROTOCOL.md)."""

    speaker_id: str
    utterance_id: str = ""
    sequence: int = 0
    kind: str = "voice"
    language: str = ""
    timestamp_ms: int = 0
    last: bool = False
    ended_at_ms: int | None = None


_header = msgspec.json.Decoder(SoundHeader)


def read_sound(message: bytes) -> Heard:
    """Read a binary message.

    Raises:
        ValueError: it is none of this protocol.
    """
    length = int.from_bytes(message[:_LENGTH_BYTES], "little")
    if len(message) < _LENGTH_BYTES + length:
        raise ValueError(f"a message of {len(message)} bytes cannot have a header of {length}")
    header = _header.decode(message[_LENGTH_BYTES : _LENGTH_BYTES + length])
    return Heard(
        speaker_id=header.speaker_id,
        kind="floor" if header.kind == "floor" else "voice",
        language=header.language,
        pcm=message[_LENGTH_BYTES + length :],
        sample_rate=SAMPLE_RATE,
        at=time.monotonic(),
        utterance_id=header.utterance_id,
        sequence=header.sequence,
        last=header.last,
    )


class AudioSocket(Signaling):
    """A place in a room, by an audio socket. There is nothing to greet with: the address says who comes."""

    kind = "audio"
    # Hertz of what is sent.
    sample_rate = SAMPLE_RATE
    # Of what is received: 20 to 1,000.
    frame_ms = 100
    # Whether anything is to be received at all.
    receives = True
    # Messages of sound that were not sent because there was no connection, or it was full.
    unsent = 0

    def _query(self) -> Mapping[str, str]:
        who = self.who
        languages = {"speaking_language": who.speaking_language, "listening_language": who.listening_language}
        return {
            "name": who.name,
            "original": who.original,
            "captions": "1" if who.captions else "0",
            "sample_rate": str(self.sample_rate),
            "receive_frame_ms": str(self.frame_ms),
            **({} if self.receives else {"receive": "0"}),
            **{name: language for name, language in languages.items() if language is not None},
        }

    async def _greet(self, socket: Socket) -> None:
        pass

    async def send_sound(self, pcm: bytes) -> None:
        """Send 10 to 1,000 ms of mono s16le now, or never: live sound does not wait for a connection.

        Raises:
            ClientError: the call has ended.
        """
        if self.events.ended:
            raise self.events.error or UnreachableError(self._url, "the call has ended")
        try:
            async with asyncio.timeout(_SEND_S):
                if self._socket is not None:
                    await self._socket.send(pcm)
                    return
        except (UnreachableError, TimeoutError):
            pass
        self.unsent += 1
