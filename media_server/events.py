"""What a room tells a participant's browser; sent as JSON with `type` as it stands here (signaling/PROTOCOL.md)."""

from collections.abc import Callable
from typing import Literal

import msgspec

from media_server.rights import Role

Original = Literal["off", "low", "on"]
"""What becomes of a translated speaker's own voice: not sent, played low while the translation speaks, or in full."""


class ParticipantInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A participant as the others see them."""

    participant_id: str
    name: str
    speaking_language: str
    listening_language: str
    # `host`, `speaker` or `listener`.
    role: Role = "speaker"
    muted: bool = False
    # Their page has lost its way to the server and may come back: they keep their place for a while.
    away: bool = False


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something a page is told."""


class ParticipantJoined(Event, frozen=True, kw_only=True, tag="participant_joined"):
    participant: ParticipantInfo


class ParticipantUpdated(Event, frozen=True, kw_only=True, tag="participant_updated"):
    participant: ParticipantInfo


class ParticipantLeft(Event, frozen=True, kw_only=True, tag="participant_left"):
    participant_id: str
    reason: str = ""


class SlotChanged(Event, frozen=True, kw_only=True, tag="slot"):
    """What the m-line `mid` carries from its next packet on."""

    mid: str
    kind: Literal["floor", "voice", "none"]
    speaker_id: str | None = None
    language: str | None = None


class Speaking(Event, frozen=True, kw_only=True, tag="speaking"):
    """Who is talking now, loudest first; the full set each time."""

    speaker_ids: tuple[str, ...]


class SuppressOriginal(Event, frozen=True, kw_only=True, tag="suppress_original"):
    """This speaker's voice in the listener's language begins: the original gives way."""

    speaker_id: str


class RestoreOriginal(Event, frozen=True, kw_only=True, tag="restore_original"):
    """The original is due again."""

    speaker_id: str


class Notice(Event, frozen=True, kw_only=True, tag="notice"):
    """Something the participant should know, as a code for the page and plain English for everything else."""

    code: str
    text: str
    speaker_id: str | None = None
    # The language that the text names, if it names one.
    language: str | None = None
    # Of a notice about engines: what they do, and the languages for which; for translation the source and the target.
    stage: str | None = None
    languages: tuple[str, ...] = ()


EventSink = Callable[[Event], None]
"""Takes an event for one participant. Never blocks, never raises."""
