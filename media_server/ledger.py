"""When each utterance passed each stage: one log line an utterance, histograms, and figures for whoever asks."""

from collections.abc import Callable, Iterable

import msgspec
import structlog
from prometheus_client import Counter, Histogram

from media_server.clock import Clock
from media_server.targets import Tongue, tongue
from media_server.utterance import Utterance
from pipeline.messages import Speech, Times, Transcript
from pipeline.messages.language import spoken

MAX_UTTERANCES = 1_024
"""Utterances on the books of a node; beyond it the oldest is closed early."""
MAX_ARRIVALS = 1_024
"""Clauses of an utterance, in all revisions and tongues, of which it is noted when they came; later ones go without."""

_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
STAGE = Histogram(
    "parley_utterance_stage_seconds", "What a stage added to an utterance's last clause.", ["stage"], buckets=_SECONDS
)
VOICE = Histogram(
    "parley_voice_latency_seconds",
    "From the end of speech to the first packet of its last clause's voice.",
    ["source", "target"],
    buckets=_SECONDS,
)
PIPELINE = Histogram(
    "parley_pipeline_seconds",
    "From a clause's last sound, on its way to audio.raw, to its voice's first record from audio.synthesized.",
    ["source", "target"],
    buckets=_SECONDS,
)
HOOK_FAULTS = Counter("parley_ledger_hook_faults_total", "Times a hook on utterances' figures raised an exception.")

_log = structlog.get_logger(__name__)


class SpokenClause(msgspec.Struct, frozen=True, kw_only=True):
    """A clause whose voice was heard. All in epoch milliseconds, None where nobody said."""

    clause: int
    # Of its audio.
    ended_at_ms: int
    recognised_at_ms: int | None
    translated_at_ms: int | None
    synthesised_at_ms: int | None
    # Its first record came back to the node.
    arrived_at_ms: int | None
    first_packet_at_ms: int
    # When it came to each stage and left it.
    times: Times


class VoiceFigures(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance in one language."""

    language: str
    # In the order heard.
    clauses: tuple[SpokenClause, ...]
    # Clauses not heard, or not wholly, by reason.
    lost: dict[str, int]


class UtteranceFigures(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance's way through the system. All in epoch milliseconds, None where it did not get so far."""

    room_id: str
    speaker_id: str
    utterance_id: str
    # Spoken: as recognised, else as the speaker said.
    language: str
    started_at_ms: int
    # The last speech in it, and when the node had decided that it was the last.
    speech_ended_at_ms: int | None
    ended_at_ms: int | None
    # The last clause became final.
    recognised_at_ms: int | None
    # Clauses with words in them, and the number of the last of these.
    clauses: int
    last_clause: int | None
    voices: tuple[VoiceFigures, ...]


class _Voice:
    def __init__(self, language: str) -> None:
        self.language = language
        self.clauses: list[SpokenClause] = []
        self.lost: dict[str, int] = {}
        self.finished = False


class _Entry:
    """An utterance whose figures are still coming in."""

    def __init__(self, room_id: str, utterance: Utterance, language: str) -> None:
        self.room_id = room_id
        self.utterance = utterance
        self.language = language
        self.recognised_at_ms: int | None = None
        self.clauses: set[int] = set()
        self.voices: dict[Tongue, _Voice] = {}
        # Clause, revision and tongue -> when its first record came.
        self.arrivals: dict[tuple[int, int, Tongue], int] = {}
        # Those of which the line waits.
        self.expected: frozenset[Tongue] = frozenset()

    def voice(self, heard: Tongue, language: str) -> _Voice:
        return self.voices.setdefault(heard, _Voice(language))

    @property
    def complete(self) -> bool:
        finished = {heard for heard, voice in self.voices.items() if voice.finished}
        return self.utterance.ended and self.recognised_at_ms is not None and self.expected <= finished

    def figures(self) -> UtteranceFigures:
        utterance = self.utterance
        voices = sorted(self.voices.values(), key=lambda voice: voice.language)
        return UtteranceFigures(
            room_id=self.room_id,
            speaker_id=utterance.speaker_id,
            utterance_id=utterance.utterance_id,
            language=self.language,
            started_at_ms=utterance.started_at_ms,
            speech_ended_at_ms=utterance.speech_ended_at_ms,
            ended_at_ms=utterance.ended_at_ms,
            recognised_at_ms=self.recognised_at_ms,
            clauses=len(self.clauses),
            last_clause=max(self.clauses, default=None),
            voices=tuple(
                VoiceFigures(language=each.language, clauses=tuple(each.clauses), lost=each.lost) for each in voices
            ),
        )


class Ledger:
    """The node's books. A line is written when all voices are done with, or some time after the end; no text in it."""

    def __init__(self, clock: Clock, wait_ms: int) -> None:
        """`wait_ms`: how long after an utterance's end its line waits for the voices."""
        self._clock = clock
        self._wait_ms = wait_ms
        self._entries: dict[str, _Entry] = {}
        # Called with each utterance's figures as its line is written: for benchmarks and tests.
        self.hooks: list[Callable[[UtteranceFigures], None]] = []

    def started(self, room_id: str, utterance: Utterance, language: str) -> None:
        """Open an utterance's entry."""
        self._entries[utterance.utterance_id] = _Entry(room_id, utterance, language)
        if len(self._entries) > MAX_UTTERANCES:
            self._close(next(iter(self._entries)))

    def ended(self, utterance: Utterance, languages: Iterable[str]) -> None:
        """Its speaker has finished; its line waits for voices in these languages."""
        entry = self._entries.get(utterance.utterance_id)
        if entry is not None:
            for language in languages:
                entry.voice(tongue(language), language)
            entry.expected = frozenset(entry.voices)
            self._close_if_complete(entry)

    def recognised(self, transcript: Transcript) -> None:
        """Take a Transcript; only final ones count."""
        entry = self._entries.get(transcript.utterance_id)
        if entry is None or not transcript.is_final:
            return
        entry.language = transcript.language
        if transcript.payload:
            entry.clauses.add(transcript.clause)
        if transcript.last:
            entry.recognised_at_ms = transcript.times.recognition_out_ms or self._clock.epoch_ms()
            self._close_if_complete(entry)

    def arrived(self, heard: Tongue, speech: Speech) -> None:
        """Note that a record of a voice came from the bus; a clause's first one counts."""
        entry = self._entries.get(speech.utterance_id)
        clause = (speech.clause, speech.revision, heard)
        if entry is None or clause in entry.arrivals or speech.empty or len(entry.arrivals) >= MAX_ARRIVALS:
            return
        now_ms = entry.arrivals[clause] = self._clock.epoch_ms()
        if speech.times.captured_at_ms is not None:
            took_s = max(0, now_ms - speech.times.captured_at_ms) / 1_000
            PIPELINE.labels(spoken(entry.language), spoken(speech.language)).observe(took_s)

    def sent(self, utterance_id: str, heard: Tongue, speech: Speech) -> None:
        """Note that the first packet of a clause left just now; it was in this record."""
        entry = self._entries.get(utterance_id)
        if entry is not None:
            times = speech.times
            spoken_clause = SpokenClause(
                clause=speech.clause,
                ended_at_ms=speech.ended_at_ms,
                recognised_at_ms=times.recognition_out_ms,
                translated_at_ms=times.translation_out_ms,
                synthesised_at_ms=times.synthesis_out_ms,
                arrived_at_ms=entry.arrivals.get((speech.clause, speech.revision, heard)),
                times=times,
                first_packet_at_ms=self._clock.epoch_ms(),
            )
            entry.voice(heard, speech.language).clauses.append(spoken_clause)

    def lost(self, utterance_id: str, heard: Tongue, why: str) -> None:
        """Note that a clause, or a part of it, will not be heard."""
        entry = self._entries.get(utterance_id)
        if entry is not None:
            lost = entry.voice(heard, heard[0]).lost
            lost[why] = lost.get(why, 0) + 1

    def finished(self, utterance_id: str, heard: Tongue) -> None:
        """Nothing of it will be heard in this tongue any more."""
        entry = self._entries.get(utterance_id)
        if entry is not None:
            entry.voice(heard, heard[0]).finished = True
            self._close_if_complete(entry)

    def awaits(self, room_id: str, since_ms: int) -> bool:
        """Whether a room has an utterance that goes on, or that ended since then and is not through in all languages.

        `since_ms` is epoch milliseconds: of what ended earlier nothing is to be hoped for any more.
        """
        entries = (entry for entry in self._entries.values() if entry.room_id == room_id)
        return any((entry.utterance.ended_at_ms or since_ms) >= since_ms for entry in entries)

    def tick(self) -> None:
        """Close what has waited for long enough."""
        oldest = self._clock.epoch_ms() - self._wait_ms
        for utterance_id, entry in list(self._entries.items()):
            ended_at_ms = entry.utterance.ended_at_ms
            if ended_at_ms is not None and ended_at_ms < oldest:
                self._close(utterance_id)

    def close(self) -> None:
        """Write all that is open."""
        for utterance_id in list(self._entries):
            self._close(utterance_id)

    def _close_if_complete(self, entry: _Entry) -> None:
        if entry.complete:
            self._close(entry.utterance.utterance_id)

    def _close(self, utterance_id: str) -> None:
        figures = self._entries.pop(utterance_id).figures()
        _observe(figures)
        _log.info("utterance", **_line(figures))
        for hook in self.hooks:
            try:
                hook(figures)
            except Exception:  # a fault boundary: lines are written in the middle of analysis and playout
                HOOK_FAULTS.inc()
                _log.exception("ledger_hook_failed", utterance_id=figures.utterance_id)


def _since(start: int | None, end: int | None) -> int | None:
    return None if start is None or end is None else end - start


def _hops(clause: SpokenClause) -> dict[str, int | None]:
    """Say how long a clause was on the bus before each stage, and before the node had it back."""
    times = clause.times
    return {
        "recognition": _since(times.captured_at_ms, times.recognition_in_ms),
        "translation": _since(times.recognition_out_ms, times.translation_in_ms),
        "synthesis": _since(times.translation_out_ms, times.synthesis_in_ms),
        "node": _since(times.synthesis_out_ms, clause.arrived_at_ms),
    }


def _line(figures: UtteranceFigures) -> dict[str, object]:
    """Give the log line's fields: ids, and times counted in ms from the end of the speech."""
    start = figures.speech_ended_at_ms
    voices = {}
    for voice in figures.voices:
        last = voice.clauses[-1] if voice.clauses else None
        voices[voice.language] = {
            "clauses": len(voice.clauses),
            "lost": voice.lost,
            "translated_ms": _since(start, last.translated_at_ms) if last else None,
            "synthesised_ms": _since(start, last.synthesised_at_ms) if last else None,
            "arrived_ms": _since(start, last.arrived_at_ms) if last else None,
            "hops_ms": _hops(last) if last else None,
            "first_packet_ms": _since(start, last.first_packet_at_ms) if last else None,
        }
    return {
        "room_id": figures.room_id,
        "speaker_id": figures.speaker_id,
        "utterance_id": figures.utterance_id,
        "language": figures.language,
        "duration_ms": _since(figures.started_at_ms, start),
        "clauses": figures.clauses,
        "ended_ms": _since(start, figures.ended_at_ms),
        "recognised_ms": _since(start, figures.recognised_at_ms),
        "voices": voices,
    }


def _observe(figures: UtteranceFigures) -> None:
    """Feed the histograms; a stage that was ahead of the end of speech counts as 0."""
    start = figures.speech_ended_at_ms
    _observe_stage("ending", start, figures.ended_at_ms)
    _observe_stage("recognition", start, figures.recognised_at_ms)
    for voice in figures.voices:
        last = voice.clauses[-1] if voice.clauses else None
        # Only the times of the clause with the last words have to do with the end of the speech.
        if start is None or last is None or last.clause != figures.last_clause:
            continue
        _observe_stage("translation", last.recognised_at_ms, last.translated_at_ms)
        _observe_stage("synthesis", last.translated_at_ms, last.synthesised_at_ms)
        _observe_stage("return", last.synthesised_at_ms, last.arrived_at_ms)
        _observe_stage("playout", last.arrived_at_ms or last.synthesised_at_ms, last.first_packet_at_ms)
        latency_s = max(0, last.first_packet_at_ms - start) / 1_000
        VOICE.labels(spoken(figures.language), spoken(voice.language)).observe(latency_s)


def _observe_stage(stage: str, start: int | None, end: int | None) -> None:
    if start is not None and end is not None:
        STAGE.labels(stage).observe(max(0, end - start) / 1_000)
