"""Captions in the form of real-time translation services."""

import json
from typing import Any

from signaling.captions.caption import Caption, Reader, Text, choose
from signaling.captions.realtime import realtime
from tests.fakes.said import transcript, translation


def caption_of(text: Text) -> Caption:
    caption = choose(Reader(None, None), text, lambda *_: True)
    assert caption is not None
    return caption


def written(caption: Caption, now_ms: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(realtime(caption, now_ms))
    return found


def test_a_translation_stands_beside_what_was_said() -> None:
    """With its segment's id, and the seconds since the end of the sound."""
    caption = caption_of(translation("buenos días", "good morning", clause=2, ended_at_ms=1_000))
    assert written(caption, 2_250) == {
        "type": "realtime",
        "text": "good morning",
        "translation": "buenos días",
        "segment_id": "u1/2",
        "processing_time": 1.25,
        "speaker_id": "anna",
        "language": "es",
        "is_final": True,
    }


def test_what_is_not_translated_has_no_translation() -> None:
    """Because it is read as it was said, or because the translation was skipped."""
    for text in (transcript("good morning"), translation("", "good morning", skipped=True)):
        shown = written(caption_of(text))
        assert (shown["text"], shown["translation"], shown["language"]) == ("good morning", "", "en")


def test_time_never_runs_backwards() -> None:
    """Clocks that differ, or an end that is not known, make no nonsense."""
    assert written(caption_of(transcript("so", ended_at_ms=5_000)), 4_000)["processing_time"] == 0
    assert written(caption_of(transcript("so", ended_at_ms=0)), 4_000)["processing_time"] == 0


def test_interim_and_final_share_their_segment() -> None:
    """So that the one takes the other's place."""
    interim, final = (written(caption_of(transcript("so", final=final))) for final in (False, True))
    assert interim["segment_id"] == final["segment_id"]
    assert (interim["is_final"], final["is_final"]) == (False, True)
