"""Captions in the form in which real-time translation services give them, for clients that were written for those."""

import time
from typing import Literal

import msgspec

from signaling.captions.caption import Caption


class Realtime(msgspec.Struct, frozen=True, kw_only=True):
    """One clause: what was said, and what it means."""

    type: Literal["realtime"] = "realtime"
    # As recognised, in the language spoken.
    text: str
    # In `language`; empty where nothing was translated.
    translation: str
    # The same for all messages of one clause: a later one takes the place of an earlier one.
    segment_id: str
    # Seconds from the end of the clause's sound until this was written; 0 where that end is not known yet.
    processing_time: float
    speaker_id: str
    # Of the translation, or of the text where nothing was translated.
    language: str
    is_final: bool


def realtime(caption: Caption, now_ms: int | None = None) -> bytes:
    """Write a caption so. `now_ms`: the present in epoch milliseconds, if not that of the system's clock."""
    now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    age_ms = now_ms - caption.timestamp_ms if caption.timestamp_ms else 0
    is_translated = caption.language != caption.source_language
    return msgspec.json.encode(
        Realtime(
            text=caption.source_text,
            translation=caption.text if is_translated else "",
            segment_id=f"{caption.utterance_id}/{caption.clause}",
            processing_time=round(max(0, age_ms) / 1000, 3),
            speaker_id=caption.speaker_id,
            language=caption.language,
            is_final=caption.is_final,
        )
    )
