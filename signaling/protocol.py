"""What goes over the signaling socket: one JSON object a message, told apart by `type` (PROTOCOL.md)."""

from enum import IntEnum, StrEnum
from typing import Annotated, Literal, get_args

import msgspec

from media_server.events import Event, Original, ParticipantInfo
from media_server.peer import IceCandidate
from signaling.client_message import ClientMessage, ParticipantId, RawName, Tag
from signaling.hosting.messages import Hosting
from signaling.hosting.room_state import RoomSettingsShown
from signaling.hosting.waiting import Waiting
from signaling.settings import IceServer

# A complaint may quote the client's own words: no more of them than this.
_COMPLAINT = 200


class Close(IntEnum):
    """Why a socket was closed: codes of RFC 6455 section 7.4, and our own from 4000 on."""

    LEFT = 1000
    GOING_AWAY = 1001
    POLICY = 1008
    FAILED = 1011
    TOO_SLOW = 1013
    BAD_TOKEN = 4001
    # Between nodes only: a client's connection broke, so that its participant may come back.
    LOST = 4006
    # This node has the room no more; another one will.
    MOVED = 4307
    TOKEN_ENDED = 4401
    DENIED = 4403
    NO_SUCH_ROOM = 4404
    REMOVED = 4405
    REPLACED = 4409
    ROOM_ENDED = 4410
    ROOM_FULL = 4413
    ROOM_LOCKED = 4423
    WAITS = 4425
    TOO_MANY_SOCKETS = 4429
    # No node can take the room in this moment.
    TRY_AGAIN = 4503


class ErrorCode(StrEnum):
    """Why a message was not done."""

    NOT_JSON = "not_json"
    UNKNOWN_TYPE = "unknown_type"
    BAD_MESSAGE = "bad_message"
    TOO_MANY_MESSAGES = "too_many_messages"
    JOIN_FIRST = "join_first"
    WAIT = "wait"
    ALREADY_JOINED = "already_joined"
    BAD_NAME = "bad_name"
    UNKNOWN_LANGUAGE = "unknown_language"
    LANGUAGE_NOT_ALLOWED = "language_not_allowed"
    BAD_TOKEN = "bad_token"  # noqa: S105 - the name of an error
    BAD_OFFER = "bad_offer"
    BAD_CANDIDATE = "bad_candidate"
    BAD_QUERY = "bad_query"
    BAD_SOUND = "bad_sound"
    TOO_FAR_AHEAD = "too_far_ahead"
    NOT_HERE = "not_here"
    NOT_ALLOWED = "not_allowed"
    NO_SUCH_PARTICIPANT = "no_such_participant"
    NOT_DONE = "not_done"
    TIMED_OUT = "timed_out"
    FAILED = "failed"


class RefusalError(Exception):
    """A message that is not done; the client is told so, and the socket stays open."""

    def __init__(self, code: ErrorCode, message: str, in_reply_to: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.in_reply_to = in_reply_to


class Join(ClientMessage, frozen=True, kw_only=True, tag="join"):
    """Who I am. Must be the first message; may come again while I wait."""

    # None: what the token says.
    name: RawName | None = None
    # BCP-47; `auto` lets recognition find out. None: as before, or as the token or the room has it, or `auto` and what
    # the browser asks for.
    speaking_language: Tag | None = None
    listening_language: Tag | None = None
    original: Original = "off"
    # Whether captions are to be sent.
    captions: bool = True
    # Whether my translations may be spoken in my own voice, for which some seconds of my speech are used (consent).
    own_voice: bool = False
    # The `page_id` of an earlier `joined`: the same page is back and goes on with the connection it has. None: a page
    # that begins, and takes the place of any other of this participant's.
    resume: Tag | None = None


class Offer(ClientMessage, frozen=True, kw_only=True, tag="offer"):
    """The browser's one SDP offer: the microphone's m-line first, then those of the slots. Or one to somebody else."""

    sdp: str
    # For whom, None: the server.
    to: ParticipantId | None = None


class Candidate(ClientMessage, frozen=True, kw_only=True, tag="candidate"):
    """A trickled candidate, as `RTCIceCandidate.toJSON()` gives it; null ends them."""

    candidate: IceCandidate | None
    to: ParticipantId | None = None


class RelayedAnswer(ClientMessage, frozen=True, kw_only=True, tag="answer"):
    """My answer to somebody's offer."""

    sdp: str
    to: ParticipantId


class Hangup(ClientMessage, frozen=True, kw_only=True, tag="hangup"):
    """What I set up with somebody is over."""

    to: ParticipantId


class SetLanguages(ClientMessage, frozen=True, kw_only=True, tag="set_languages"):
    """Change one language or both in mid-call."""

    speaking_language: Tag | None = None
    listening_language: Tag | None = None


class SetLangs(ClientMessage, frozen=True, kw_only=True, tag="set_langs"):
    """The same by its older name."""

    source_language: Tag | None = None
    target_language: Tag | None = None


class SetOriginal(ClientMessage, frozen=True, kw_only=True, tag="set_original"):
    """What becomes of translated speakers' own voices."""

    original: Original


class SetOwnVoice(ClientMessage, frozen=True, kw_only=True, tag="set_own_voice"):
    """Consent to my translations being spoken in my own voice, or take that back."""

    consented: bool


class Heard(ClientMessage, frozen=True, kw_only=True, tag="heard"):
    """A clause's voice, of which `sounding` told, began to sound here."""

    utterance_id: ParticipantId
    clause: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    language: Tag
    # How long before this was written.
    ago_ms: Annotated[int, msgspec.Meta(ge=0, le=60_000)]


class WatchFigures(ClientMessage, frozen=True, kw_only=True, tag="watch_figures"):
    """Tell me `figures` every second from now on, or no longer."""

    watched: bool


class Mute(ClientMessage, frozen=True, kw_only=True, tag="mute"):
    """Say to the others that my microphone is off, or on again."""

    muted: bool


class Ping(ClientMessage, frozen=True, kw_only=True, tag="ping"):
    """Is anybody there? Pages cannot see a WebSocket's own pings."""


class RenewToken(ClientMessage, frozen=True, kw_only=True, tag="token"):
    """Another token of mine, with which to stay longer than the one I came with lets me."""

    token: Annotated[str, msgspec.Meta(max_length=4096)]


class Leave(ClientMessage, frozen=True, kw_only=True, tag="leave"):
    """Goodbye; the socket is closed with 1000."""


Relayed = Offer | RelayedAnswer | Candidate | Hangup
FromClient = (
    Join | Offer | Candidate | RelayedAnswer | Hangup | SetLanguages | SetLangs | SetOriginal | Mute | Ping | Leave
) | (RenewToken | SetOwnVoice | Heard | WatchFigures | Hosting)


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
    room: RoomSettingsShown


class Attached(Event, frozen=True, kw_only=True, tag="attached"):
    """This audio socket is the sound of somebody who is in by a signaling socket."""

    participant_id: str


class Waits(Event, frozen=True, kw_only=True, tag="waiting"):
    """You are in the lobby, until a host lets you in."""

    participant_id: str
    # As the server has them now, and as they go with you into the room.
    name: str
    speaking_language: str
    listening_language: str
    # A token for `?token=` with which to come back and wait on.
    resume_token: str
    room: RoomSettingsShown


class LobbyChanged(Event, frozen=True, kw_only=True, tag="lobby"):
    """Who waits, in the order in which they came; the whole list each time. For hosts."""

    waiting: tuple[Waiting, ...]


class RoomChanged(Event, frozen=True, kw_only=True, tag="room"):
    """How the room is set now."""

    room: RoomSettingsShown


class FromOther(Event, frozen=True, kw_only=True, tag="from_other"):
    """Something passed on from another participant's page: told from the server's own messages by `from`."""

    sender: str = msgspec.field(name="from")


class OfferRelayed(FromOther, frozen=True, kw_only=True, tag="offer"):
    """Somebody's offer to this page."""

    sdp: str


class AnswerRelayed(FromOther, frozen=True, kw_only=True, tag="answer"):
    """Somebody's answer to this page's offer."""

    sdp: str


class CandidateRelayed(FromOther, frozen=True, kw_only=True, tag="candidate"):
    """Somebody's candidate."""

    candidate: IceCandidate | None


class HungUp(FromOther, frozen=True, kw_only=True, tag="hangup"):
    """Somebody has ended what they had with this page."""


class TokenRenewed(Event, frozen=True, kw_only=True, tag="token"):
    """The answer to `token`: it counts from now on."""

    # Epoch seconds at which it ends.
    ends_at: int
    # In place of the one in `joined`.
    resume_token: str


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


def modern(message: FromClient) -> FromClient:
    """Give a message that has an older name as the one it stands for."""
    if not isinstance(message, SetLangs):
        return message
    return SetLanguages(speaking_language=message.source_language, listening_language=message.target_language)


def type_of(message: FromClient) -> str:
    """Give the `type` under which a message travels."""
    return str(message.__struct_config__.tag)


def serialize(event: Event) -> bytes:
    """Write what a client is told, as UTF-8 JSON."""
    return msgspec.json.encode(event)
