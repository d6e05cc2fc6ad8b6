"""Transcripts as subtitles, as text, and as JSON. Pure.

Names and texts are text: what would be markup in a form is escaped there, or written otherwise where it has no escapes.
"""

import html
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import msgspec
from pysubs2 import SSAEvent, SSAFile

from signaling.transcripts.session import Cue, Session

Form = Literal["srt", "vtt", "json", "txt"]

LEAST_MS = 500
"""A cue is shown for so long at least: a clause of one word may have been said in less."""
_LONGEST_MS = 99 * 3_600_000
# Between two sessions of a room, in one file of subtitles.
_GAP_MS = 1_000


class _Shown(NamedTuple):
    cue: Cue
    # Milliseconds from the beginning of the file.
    start_ms: int
    end_ms: int


def render(sessions: Sequence[Session], language: str | None, form: Form) -> str:
    """Write the sessions of one room, oldest first, in a language; None: each clause as it was spoken.

    In subtitles, time begins with the room's start; each further session follows the one before after a second.
    """
    return _FORMS[form](sessions, language)


def _shown(sessions: Sequence[Session], language: str | None) -> list[_Shown]:
    shown: list[_Shown] = []
    begin_ms = 0
    for session in sessions:
        end_ms = begin_ms
        for cue in session.cues(language):
            start_ms = begin_ms + max(0, cue.said.started_at_ms - session.started_at_ms)
            until_ms = max(start_ms + LEAST_MS, begin_ms + cue.said.ended_at_ms - session.started_at_ms)
            shown.append(_Shown(cue, min(start_ms, _LONGEST_MS), min(until_ms, _LONGEST_MS)))
            end_ms = max(end_ms, until_ms)
        begin_ms = end_ms + _GAP_MS
    return shown


def _subtitles(form: str, write: Callable[[Cue], str]) -> Callable[[Sequence[Session], str | None], str]:
    def written(sessions: Sequence[Session], language: str | None) -> str:
        events = [SSAEvent(each.start_ms, each.end_ms, write(each.cue)) for each in _shown(sessions, language)]
        file = SSAFile()
        file.events = events
        # What looks like an override tag of SubStation Alpha is what somebody said.
        return file.to_string(form, keep_ssa_tags=True)

    return written


def _srt_cue(cue: Cue) -> str:
    name = f"{_plain(cue.said.name)}: " if cue.said.name else ""
    return f"{name}{_plain(cue.said.text)}"


def _vtt_cue(cue: Cue) -> str:
    text = html.escape(_one_line(cue.said.text), quote=False)
    return f"<v {html.escape(_one_line(cue.said.name), quote=False)}>{text}" if cue.said.name else text


def _plain(text: str) -> str:
    """SubRip has no escapes: players take `<...>` for markup, and an arrow between times for another cue."""
    return _one_line(text).replace("-->", "\u2192").replace("<", "\u2039").replace(">", "\u203a")


def _one_line(text: str | None) -> str:
    # pysubs2 turns a backslash with these letters into white space; a word joiner is not seen.
    joined = (text or "").replace("\\", "\\\u2060")
    return " ".join("".join(c for c in joined if c.isprintable() or c in " \u200c\u200d\u2060").split())


def _txt(sessions: Sequence[Session], language: str | None) -> str:
    lines: list[str] = []
    for session in sessions:
        lines.append(f"{session.room_id}, {_moment(session.started_at_ms):%Y-%m-%d %H:%M:%S} UTC")
        lines.append("")
        for cue in session.cues(language):
            name = cue.said.name or cue.said.speaker_id
            words = " ".join(cue.said.text.split())
            lines.append(f"[{_moment(cue.said.started_at_ms):%H:%M:%S}] {' '.join(name.split())}: {words}")
        lines.append("")
    return "\n".join(lines)


def _json(sessions: Sequence[Session], language: str | None) -> str:
    document = {
        "room_id": sessions[0].room_id if sessions else "",
        "language": language,
        "sessions": [
            {
                "started_at_ms": session.started_at_ms,
                "ended_at_ms": session.ended_at_ms,
                "languages": sorted(session.languages),
                "clauses": [_clause(cue) for cue in session.cues(language)],
            }
            for session in sessions
        ],
    }
    return msgspec.json.encode(document).decode()


def _clause(cue: Cue) -> dict[str, object]:
    said, source = cue.said, cue.source
    return {
        "utterance_id": said.utterance_id,
        "clause": said.clause,
        "speaker_id": said.speaker_id,
        "speaker_name": said.name,
        "started_at_ms": said.started_at_ms,
        "ended_at_ms": said.ended_at_ms,
        "language": said.language,
        "text": said.text,
        "source_language": said.language if source is None else source.language,
        "source_text": said.text if source is None else source.text,
    }


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


_FORMS: dict[Form, Callable[[Sequence[Session], str | None], str]] = {
    "srt": _subtitles("srt", _srt_cue),
    "vtt": _subtitles("vtt", _vtt_cue),
    "json": _json,
    "txt": _txt,
}
