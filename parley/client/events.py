"""What the server tells (signaling/PROTOCOL.md), told apart by `type`. One that is not known is kept as it is."""

from typing import Any, Literal, get_args

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something the server tells. Fields that are not known here are passed over."""


class Participant(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the room."""

    participant_id: str
    name: str = ""
    speaking_language: str = "auto"
    listening_language: str = ""
    # `host`, `speaker` or `listener`.
    role: str = "speaker"
    muted: bool = False
    # They cannot be reached just now, and may come back.
    away: bool = False


class IceServer(msgspec.Struct, frozen=True, kw_only=True):
    """A STUN or TURN server."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """How a room is set."""

    # Whether people wait until a host lets them in; whether nobody new comes in.
    lobby: bool = False
    locked: bool = False
    # Of those who do not say theirs; None: as their browser says.
    speaking_language: str | None = None
    listening_language: str | None = None
    # Whether what is said is kept beyond the call.
    keep_transcript: bool = False
    max_participants: int | None = None


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """An m-line of the answer and what it can carry."""

    mid: str
    kind: str


class Joined(Event, frozen=True, kw_only=True, tag="joined"):
    """I am in; comes again after each return."""

    participant_id: str
    # Everybody, me included.
    participants: tuple[Participant, ...]
    ice_servers: tuple[IceServer, ...] = ()
    relay_only: bool = False
    # To come back with as the same participant.
    resume_token: str = ""
    page_id: str = ""
    # Whether the connection for sound is up on the server's side.
    connected: bool = False
    room: Room = Room()


class Waiting(Event, frozen=True, kw_only=True, tag="waiting"):
    """I am in the lobby, until a host lets me in."""

    participant_id: str
    name: str = ""
    speaking_language: str = "auto"
    listening_language: str = ""
    resume_token: str = ""
    room: Room = Room()


class Guest(Participant, frozen=True, kw_only=True):
    """Somebody who waits."""

    # Epoch milliseconds.
    since_ms: int = 0


class Lobby(Event, frozen=True, kw_only=True, tag="lobby"):
    """To hosts: who waits, in the order in which they came."""

    waiting: tuple[Guest, ...]


class RoomChanged(Event, frozen=True, kw_only=True, tag="room"):
    """The room is set otherwise."""

    room: Room


class TokenTaken(Event, frozen=True, kw_only=True, tag="token"):
    """The other token counts."""

    # Epoch seconds.
    ends_at: float
    resume_token: str = ""


class Attached(Event, frozen=True, kw_only=True, tag="attached"):
    """This audio socket is the sound of a participant who has joined by another one."""

    participant_id: str


class Answer(Event, frozen=True, kw_only=True, tag="answer"):
    """An SDP answer: the server's, or another participant's."""

    sdp: str
    slots: tuple[Slot, ...] = ()
    # Empty: the server.
    sender: str = msgspec.field(name="from", default="")


class ParticipantJoined(Event, frozen=True, kw_only=True, tag="participant_joined"):
    """Somebody came."""

    participant: Participant


class ParticipantUpdated(Event, frozen=True, kw_only=True, tag="participant_updated"):
    """Something about somebody changed."""

    participant: Participant


class ParticipantLeft(Event, frozen=True, kw_only=True, tag="participant_left"):
    """Somebody left."""

    participant_id: str
    reason: str = ""


class SlotChanged(Event, frozen=True, kw_only=True, tag="slot"):
    """What an m-line carries from its next packet on."""

    mid: str
    kind: str
    speaker_id: str | None = None
    language: str | None = None


class Speaking(Event, frozen=True, kw_only=True, tag="speaking"):
    """Who talks now, loudest first."""

    speaker_ids: tuple[str, ...]


class SuppressOriginal(Event, frozen=True, kw_only=True, tag="suppress_original"):
    """This speaker's voice in my language begins to sound."""

    speaker_id: str


class RestoreOriginal(Event, frozen=True, kw_only=True, tag="restore_original"):
    """It has ended."""

    speaker_id: str


class Caption(Event, frozen=True, kw_only=True, tag="caption"):
    """What was said. It takes the place of an earlier one with the same `utterance_id` and `clause`."""

    speaker_id: str
    # Of `text`.
    language: str
    text: str
    is_final: bool
    # Epoch milliseconds, by the server's clock, of the end of its words.
    timestamp_ms: int
    utterance_id: str = ""
    clause: int = 0
    # As recognised; the same as `text` if nothing was translated.
    source_text: str = ""
    source_language: str = ""
    # What the speaker is called; None: not known.
    speaker_name: str | None = None


class Notice(Event, frozen=True, kw_only=True, tag="notice"):
    """Something to know, as a code and in plain English."""

    code: str
    text: str = ""
    speaker_id: str | None = None
    language: str | None = None


class IceServers(Event, frozen=True, kw_only=True, tag="ice_servers"):
    """For connections from now on."""

    ice_servers: tuple[IceServer, ...]


class Pong(Event, frozen=True, kw_only=True, tag="pong"):
    """The answer to `ping`."""


class Failed(Event, frozen=True, kw_only=True, tag="error"):
    """A message was not done."""

    code: str
    message: str = ""
    in_reply_to: str | None = None


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a type, or of a form, that this client does not know: the server may be newer."""

    type: str
    # All of it.
    fields: dict[str, Any]


_Known = (
    Joined
    | Waiting
    | Lobby
    | RoomChanged
    | TokenTaken
    | Attached
    | Answer
    | ParticipantJoined
    | ParticipantUpdated
    | ParticipantLeft
    | SlotChanged
    | Speaking
    | SuppressOriginal
    | RestoreOriginal
    | Caption
    | Notice
    | IceServers
    | Pong
    | Failed
)
AnyEvent = Event | Unknown
"""What a call's `events` give."""
OriginalChoice = Literal["off", "low", "on"]
"""What becomes of translated people's own voices: not sent, low while the translation sounds, or in full."""

_known: msgspec.json.Decoder[_Known] = msgspec.json.Decoder(_Known)
_any = msgspec.json.Decoder(dict[str, Any])
TYPES = frozenset(str(kind.__struct_config__.tag) for kind in get_args(_Known))
"""All that are known here."""


def parse(text: str | bytes) -> AnyEvent:
    """Read a message.

    Raises:
        ValueError: it is no JSON object.
    """
    try:
        return _known.decode(text)
    except msgspec.ValidationError:
        fields = _any.decode(text)
        return Unknown(type=str(fields.get("type", "")), fields=fields)
