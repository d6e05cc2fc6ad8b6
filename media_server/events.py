"""What a room tells a participant's browser; sent as JSON with `type` as it stands here (signaling/PROTOCOL.md)."""

from collections.abc import Callable
from typing import Literal

import msgspec

from media_server.insight.quality import Quality
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


class QualityChanged(Event, frozen=True, kw_only=True, tag="quality"):
    """How good the connections are of those whose is known, or another one than it was."""

    # Participant -> good, fair or poor.
    qualities: dict[str, Quality]


class LanguageDelay(msgspec.Struct, frozen=True, kw_only=True):
    """How late what is said in one language comes in another, lately: in ms from the end of a clause's sound."""

    source: str
    target: str
    # Until it is heard, None where there is no voice; and until its final caption.
    voice_ms: int | None
    caption_ms: int | None


class DelaysChanged(Event, frozen=True, kw_only=True, tag="delays"):
    """The delays that concern this participant, all of them each time."""

    delays: tuple[LanguageDelay, ...]


class StillListening(Event, frozen=True, kw_only=True, tag="still_listening"):
    """To a speaker: so long others still listen to the voices of what they said, about; 0: all are through."""

    remaining_ms: int
    listeners: int


class VoiceSounding(Event, frozen=True, kw_only=True, tag="sounding"):
    """The first packet of a clause's voice has just left, with this RTP timestamp: tell when it sounds."""

    mid: str
    speaker_id: str
    utterance_id: str
    clause: int
    language: str
    rtp_timestamp: int


class ClauseSeen(msgspec.Struct, frozen=True, kw_only=True):
    """When a clause's voice passed each stage, in ms from the end of the clause's sound; None where nobody knows."""

    clause: int
    recognised_ms: int | None
    translated_ms: int | None
    synthesised_ms: int | None
    # It came back to the node.
    arrived_ms: int | None
    first_packet_ms: int
    # It began to sound at the one who is told.
    heard_ms: int | None


class UtteranceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance in the language of the one who is told."""

    utterance_id: str
    speaker_id: str
    source: str
    target: str
    started_at_ms: int
    clauses: tuple[ClauseSeen, ...]
    # Clauses that were not, or not wholly, heard.
    lost: int


class SlotForwarded(msgspec.Struct, frozen=True, kw_only=True):
    """What the server has sent in one slot so far."""

    mid: str
    kind: Literal["floor", "voice"]
    # Who is in it now, and of a voice its language.
    speaker_id: str | None
    language: str | None
    packets: int
    octets: int


class Figures(Event, frozen=True, kw_only=True, tag="figures"):
    """To who watches: the utterances of which something is new, and all slots."""

    utterances: tuple[UtteranceSeen, ...]
    slots: tuple[SlotForwarded, ...]
    # Round trip between browser and server, as the server measures it.
    rtt_ms: int | None


EventSink = Callable[[Event], None]
"""Takes an event for one participant. Never blocks, never raises."""
