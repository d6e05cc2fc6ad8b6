"""What goes over the signaling socket: one JSON object a message, told apart by `type` (PROTOCOL.md)."""

from enum import IntEnum, StrEnum
from typing import Annotated, Literal, get_args

import msgspec

from media_server.events import Event, Original, ParticipantInfo
from media_server.peer import IceCandidate
from signaling.settings import IceServer

# Longest text of a field, in characters: a tag of RFC 5646, and a name before it is cleaned.
Tag = Annotated[str, msgspec.Meta(max_length=64)]
# A complaint may quote the client's own words: no more of them than this.
_COMPLAINT = 200
RawName = Annotated[str, msgspec.Meta(max_length=512)]


class Close(IntEnum):
    """Why a socket was closed: codes of RFC 6455 section 7.4, and our own from 4000 on."""

    LEFT = 1000
    GOING_AWAY = 1001
    POLICY = 1008
    FAILED = 1011
    TOO_SLOW = 1013
    BAD_TOKEN = 4001
    REPLACED = 4409


class ErrorCode(StrEnum):
    """Why a message was not done."""

    NOT_JSON = "not_json"
    UNKNOWN_TYPE = "unknown_type"
    BAD_MESSAGE = "bad_message"
    TOO_MANY_MESSAGES = "too_many_messages"
    JOIN_FIRST = "join_first"
    ALREADY_JOINED = "already_joined"
    BAD_NAME = "bad_name"
    UNKNOWN_LANGUAGE = "unknown_language"
    BAD_OFFER = "bad_offer"
    BAD_CANDIDATE = "bad_candidate"
    TIMED_OUT = "timed_out"
    FAILED = "failed"


class RefusalError(Exception):
    """A message that is not done; the client is told so, and the socket stays open."""

    def __init__(self, code: ErrorCode, message: str, in_reply_to: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.in_reply_to = in_reply_to


class ClientMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Something a page asks for."""


class Join(ClientMessage, frozen=True, kw_only=True, tag="join"):
    """Who I am. Must be the first message."""

    name: RawName
    # BCP-47; `auto` lets recognition find out.
    speaking_language: Tag
    listening_language: Tag
    original: Original = "off"
    # Whether captions are to be sent.
    captions: bool = True
    # The `page_id` of an earlier `joined`: the same page is back and goes on with the connection it has. None: a page
    # that begins, and takes the place of any other of this participant's.
    resume: Tag | None = None


class Offer(ClientMessage, frozen=True, kw_only=True, tag="offer"):
    """The browser's one SDP offer: the microphone's m-line first, then those of the slots."""

    sdp: str


class Candidate(ClientMessage, frozen=True, kw_only=True, tag="candidate"):
    """A trickled candidate, as `RTCIceCandidate.toJSON()` gives it; null ends them."""

    candidate: IceCandidate | None


class SetLanguages(ClientMessage, frozen=True, kw_only=True, tag="set_languages"):
    """Change one language or both in mid-call."""

    speaking_language: Tag | None = None
    listening_language: Tag | None = None


class SetOriginal(ClientMessage, frozen=True, kw_only=True, tag="set_original"):
    """What becomes of translated speakers' own voices."""

    original: Original


class Mute(ClientMessage, frozen=True, kw_only=True, tag="mute"):
    """Say to the others that my microphone is off, or on again."""

    muted: bool


class Ping(ClientMessage, frozen=True, kw_only=True, tag="ping"):
    """Is anybody there? Pages cannot see a WebSocket's own pings."""


class Leave(ClientMessage, frozen=True, kw_only=True, tag="leave"):
    """Goodbye; the socket is closed with 1000."""


FromClient = Join | Offer | Candidate | SetLanguages | SetOriginal | Mute | Ping | Leave


class SlotOffered(msgspec.Struct, frozen=True, kw_only=True):
    """An m-line of the answer and what it will carry."""

    mid: str
    kind: Literal["floor", "voice"]


class Joined(Event, frozen=True, kw_only=True, tag="joined"):
    """You are in."""

    participant_id: str
    # Everybody, the new one included.
    participants: tuple[ParticipantInfo, ...]
    # With the TURN credentials of this participant, which open the server for an hour or as set.
    ice_servers: tuple[IceServer, ...]
    # Whether only relayed candidates are to be used (`iceTransportPolicy: "relay"`).
    relay_only: bool = False
    # A token for `?token=` with which to come back as the same participant.
    resume_token: str
    # For `resume`, should this page come back.
    page_id: str
    # Whether this page's connection for sound is up here: if not, it makes an offer.
    connected: bool


class IceServersRenewed(Event, frozen=True, kw_only=True, tag="ice_servers"):
    """For connections from now on: the credentials given before will soon be worth nothing."""

    ice_servers: tuple[IceServer, ...]


class Pong(Event, frozen=True, kw_only=True, tag="pong"):
    """The answer to `ping`."""


class Answer(Event, frozen=True, kw_only=True, tag="answer"):
    """The server's SDP answer, with all of its candidates in it."""

    sdp: str
    slots: tuple[SlotOffered, ...]


class Failed(Event, frozen=True, kw_only=True, tag="error"):
    """A message was not done."""

    code: ErrorCode
    message: str
    # The `type` of that message, if it could be read.
    in_reply_to: str | None = None


class _Typed(msgspec.Struct, frozen=True):
    type: str


_typed = msgspec.json.Decoder(_Typed)
_client: msgspec.json.Decoder[FromClient] = msgspec.json.Decoder(FromClient)
_types = {str(kind.__struct_config__.tag) for kind in get_args(FromClient)}


def parse(text: str | bytes) -> FromClient:
    """Read what a client sent.

    Raises:
        RefusalError: not a message of this protocol; says what is wrong with it.
    """
    try:
        kind = _typed.decode(text).type
    except msgspec.ValidationError as error:
        raise RefusalError(ErrorCode.BAD_MESSAGE, f"a message is a JSON object with a `type`: {error}") from None
    except (msgspec.DecodeError, RecursionError):
        raise RefusalError(ErrorCode.NOT_JSON, "a message is one JSON object as text") from None
    if kind not in _types:
        known = ", ".join(sorted(_types))
        raise RefusalError(ErrorCode.UNKNOWN_TYPE, f"no message of that type is known here; known: {known}")
    try:
        return _client.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RefusalError(ErrorCode.BAD_MESSAGE, str(error)[:_COMPLAINT], kind) from None


def type_of(message: FromClient) -> str:
    """Give the `type` under which a message travels."""
    return str(message.__struct_config__.tag)


def serialize(event: Event) -> bytes:
    """Write what a client is told, as UTF-8 JSON."""
    return msgspec.json.encode(event)
