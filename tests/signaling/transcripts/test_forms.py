"""Transcripts as subtitles, text and JSON."""

import json
import re
from typing import Any

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.transcripts.entry import Said
from signaling.transcripts.forms import Form, render
from signaling.transcripts.session import Session
from tests.signaling.transcripts.test_session import session_of, spoken, translated

START_MS = 1_767_225_600_000  # 2026-01-01 00:00:00 UTC


def meeting() -> Session:
    return session_of(spoken("good morning", at=2), translated("buenos días", at=2), spoken("yes", 1, at=4))


def said_by(name: str | None, text: str) -> Session:
    said = Said(
        utterance_id="u",
        clause=0,
        speaker_id="p-1",
        name=name,
        language="en",
        text=text,
        started_at_ms=0,
        ended_at_ms=900,
    )
    return session_of(said)


def test_subrip() -> None:
    """Numbers, times from the room's start, and who speaks."""
    assert render([meeting()], None, "srt") == (
        "1\n00:00:02,000 --> 00:00:02,800\nAnna: good morning\n\n2\n00:00:04,000 --> 00:00:04,800\nAnna: yes\n\n"
    )


def test_webvtt() -> None:
    """Speakers are voices, in the language asked for where there is one."""
    assert render([meeting()], "es", "vtt") == (
        "WEBVTT\n\n1\n00:00:02.000 --> 00:00:02.800\n<v Anna>buenos días\n\n"
        "2\n00:00:04.000 --> 00:00:04.800\n<v Anna>yes\n\n"
    )


def test_text() -> None:
    """For people: the day, the time of day, the name."""
    session = Session("demo", START_MS, most_texts=10)
    session.take(spoken("good morning", at=START_MS // 1000 + 62))
    assert render([session], None, "txt") == "demo, 2026-01-01 00:00:00 UTC\n\n[00:01:02] Anna: good morning\n"


def test_json() -> None:
    """Everything that is known, both texts included."""
    document = json.loads(render([meeting()], "es", "json"))
    (session,) = document["sessions"]
    assert (document["room_id"], document["language"], session["languages"]) == ("demo", "es", ["en", "es"])
    assert session["clauses"][0] == {
        "utterance_id": "anna-1",
        "clause": 0,
        "speaker_id": "anna",
        "speaker_name": "Anna",
        "started_at_ms": 2_000,
        "ended_at_ms": 2_800,
        "language": "es",
        "text": "buenos días",
        "source_language": "en",
        "source_text": "good morning",
    }
    assert session["clauses"][1]["source_text"] == "yes"


def test_sessions_follow_each_other() -> None:
    """In one file of subtitles, with a second between them."""
    times = re.findall(r"([\d:,]+) -->", render([meeting(), meeting()], None, "srt"))
    assert times == ["00:00:02,000", "00:00:04,000", "00:00:07,800", "00:00:09,800"]


def test_what_is_short_can_still_be_read() -> None:
    """A clause of no length is shown for half a second."""
    session = session_of(Said(**{**said_args(), "started_at_ms": 1_000, "ended_at_ms": 1_000}))
    assert "00:00:01,000 --> 00:00:01,500" in render([session], None, "srt")


def said_args() -> dict[str, Any]:
    return {"utterance_id": "u", "clause": 0, "speaker_id": "p", "language": "en", "text": "so"}


def test_what_was_said_before_the_start_is_at_the_start() -> None:
    """And a session of days ends where subtitles do."""
    early, late = Session("demo", 5_000, most_texts=9), Session("demo", 0, most_texts=9)
    early.take(Said(**{**said_args(), "started_at_ms": 4_000, "ended_at_ms": 5_500}))
    late.take(Said(**{**said_args(), "started_at_ms": 10**9, "ended_at_ms": 10**9}))
    assert "00:00:00,000 --> 00:00:00,500" in render([early], None, "srt")
    assert "99:00:00,000 --> 99:00:00,000" in render([late], None, "srt")


def test_markup_is_text() -> None:
    """In names and in what was said: escaped, or where nothing can be, written otherwise."""
    session = said_by("<b>Eve</b> & co", "<i>a</i> 1 < 2 --> {\\an8}\\N x & y")
    vtt = render([session], None, "vtt")
    assert (
        "<v &lt;b&gt;Eve&lt;/b&gt; &amp; co>&lt;i&gt;a&lt;/i&gt; 1 &lt; 2 --&gt; {\\\u2060an8}\\\u2060N x &amp; y"
        in vtt
    )
    srt = render([session], None, "srt")
    assert srt.count("-->") == 1
    assert "<" not in srt
    assert "{\\\u2060an8}" in srt


def test_somebody_without_a_name_is_not_named_in_subtitles() -> None:
    """Text has their id."""
    session = said_by(None, "hello")
    assert "\nhello\n" in render([session], None, "srt")
    assert "\nhello\n" in render([session], None, "vtt")
    assert "p-1: hello" in render([session], None, "txt")


def test_an_empty_transcript_is_a_file() -> None:
    """With nothing in it."""
    assert render([], None, "vtt") == "WEBVTT\n\n"
    assert json.loads(render([], None, "json"))["sessions"] == []


@pytest.mark.parametrize("form", ["srt", "vtt"])
@given(text=st.text(min_size=1), name=st.one_of(st.none(), st.text(min_size=1)))
def test_whatever_is_said_is_one_cue(form: Form, text: str, name: str | None) -> None:
    """No words make another cue, a blank line or a time."""
    written = render([said_by(name, text), said_by("Bo", "end")], None, form)
    again = pysubs2.SSAFile.from_string(written, format_=form)
    assert len(again.events) == 2
    assert written.count("-->") == 2
