"""A participant's audio socket: binary messages with a header."""

import json

import pytest

from parley.client.audio_socket import AudioSocket, read_sound
from parley.client.messages import Join
from tests.fakes.switchboard import TICKET, captions, joined, switchboard


def message(pcm: bytes = b"\1\0" * 160, **fields: object) -> bytes:
    """Put a message together as PROTOCOL.md has it."""
    header = {"speaker_id": "bob", "utterance_id": "u1", "sequence": 3, "kind": "voice", "language": "es"}
    text = json.dumps({**header, "timestamp_ms": 1, "last": False, **fields}).encode()
    return len(text).to_bytes(2, "little") + text + pcm


def test_a_message_is_read() -> None:
    """Header and sound."""
    heard = read_sound(message(last=True))
    assert (heard.speaker_id, heard.kind, heard.language, heard.utterance_id) == ("bob", "voice", "es", "u1")
    assert (heard.sequence, heard.last, heard.sample_rate, heard.duration_s) == (3, True, 16_000, 0.01)


def test_a_header_may_say_more() -> None:
    """And a message may have no sound."""
    heard = read_sound(message(b"", kind="floor", weather="fine"))
    assert (heard.kind, heard.pcm) == ("floor", b"")


@pytest.mark.parametrize("broken", [b"", b"\1", b"\xff\xff{}", b"\2\0[]", b"\2\0{}"])
def test_what_is_no_message_is_an_error(broken: bytes) -> None:
    """Too short, a header that is longer than the message, none at all, or one without a speaker."""
    with pytest.raises(ValueError, match=r"."):
        read_sound(broken)


async def test_the_address_says_who_comes() -> None:
    """Name, languages and sound stand in the query; what is not given is left to the server."""
    who = Join(name="Ann", speaking_language="en", captions=False)
    async with (
        switchboard(captions(joined())) as server,
        AudioSocket(server.url, "hall", who, token=TICKET) as place,
    ):
        assert place.participant_id == "p-1"
    assert server.paths == ["/ws/audio/hall"]
    assert server.queries == [
        {
            "token": "t",
            "name": "Ann",
            "speaking_language": "en",
            "original": "off",
            "captions": "0",
            "sample_rate": "16000",
            "receive_frame_ms": "100",
        }
    ]


async def test_sound_that_cannot_be_sent_is_lost() -> None:
    """It does not wait for the next connection."""
    async with switchboard(captions(joined(), lost=True), captions(joined())) as server:
        server.refusals = []
        async with AudioSocket(server.url, "hall", Join(name="Ann"), token=TICKET) as place:
            place._socket = None
            await place.send_sound(bytes(3_200))
            assert place.unsent == 1


async def test_who_only_speaks_is_sent_nothing() -> None:
    """The address says that as well."""
    async with switchboard(captions(joined())) as server:
        place = AudioSocket(server.url, "hall", Join(name="Ann"), token=TICKET)
        place.receives = False
        async with place:
            pass
    assert server.queries[0]["receive"] == "0"
