"""What a client asks for (signaling/PROTOCOL.md)."""

import msgspec

from parley.client.events import OriginalChoice


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Something to ask the server for. What is as the server takes it anyway is left out."""


class Join(Message, frozen=True, kw_only=True, tag="join"):
    """Who I am."""

    name: str
    # BCP-47; `auto` lets recognition find out. None: what the server or the room has for everybody.
    speaking_language: str | None = None
    listening_language: str | None = None
    original: OriginalChoice = "off"
    captions: bool = True
    # The `page_id` of the last `joined`, to come back with.
    resume: str | None = None


class Offer(Message, frozen=True, kw_only=True, tag="offer"):
    """My one SDP offer."""

    sdp: str


class SetLanguages(Message, frozen=True, kw_only=True, tag="set_languages"):
    """Change one language or both."""

    speaking_language: str | None = None
    listening_language: str | None = None


class SetOriginal(Message, frozen=True, kw_only=True, tag="set_original"):
    """What becomes of translated people's own voices."""

    original: OriginalChoice


class Mute(Message, frozen=True, kw_only=True, tag="mute"):
    """My microphone is off, or on again."""

    muted: bool


class RenewToken(Message, frozen=True, kw_only=True, tag="token"):
    """Another token, by which to stay longer."""

    token: str


class Admit(Message, frozen=True, kw_only=True, tag="admit"):
    """From a host: let somebody in who waits, or who was removed."""

    participant_id: str


class Deny(Message, frozen=True, kw_only=True, tag="deny"):
    """From a host: send somebody away who waits."""

    participant_id: str


class MuteParticipant(Message, frozen=True, kw_only=True, tag="mute_participant"):
    """From a host: switch somebody's microphone off."""

    participant_id: str


class Remove(Message, frozen=True, kw_only=True, tag="remove"):
    """From a host: put somebody out of the room."""

    participant_id: str


class Lock(Message, frozen=True, kw_only=True, tag="lock"):
    """From a host: let nobody new in, or let them."""

    locked: bool


class SetLobby(Message, frozen=True, kw_only=True, tag="set_lobby"):
    """From a host: let people wait until somebody lets them in, or not."""

    lobby: bool


class EndRoom(Message, frozen=True, kw_only=True, tag="end_room"):
    """From a host: the room is over for everybody."""


class Leave(Message, frozen=True, kw_only=True, tag="leave"):
    """Goodbye."""


def serialize(message: Message) -> str:
    """Write a message as JSON."""
    return msgspec.json.encode(message).decode()
