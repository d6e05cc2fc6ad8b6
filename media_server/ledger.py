"""When each utterance passed each stage: one log line an utterance, histograms, and figures for whoever asks."""

import statistics
from collections.abc import Callable, Iterable

import msgspec
import structlog
from prometheus_client import Counter

from media_server.clock import Clock
from media_server.figures import SpokenClause, UtteranceFigures, VoiceFigures, line_of
from media_server.stage_metrics import MOUTH_TO_EAR, PIPELINE, observe
from media_server.targets import Tongue, tongue
from media_server.utterance import Utterance
from pipeline.messages import Speech, Transcript
from pipeline.messages.language import spoken

MAX_UTTERANCES = 1_024
"""Utterances on the books of a node; beyond it the oldest is closed early."""
MAX_ARRIVALS = 1_024
"""Clauses of an utterance, in all revisions and tongues, of which it is noted when they came; later ones go without."""
MAX_EARS = 64
"""Listeners of a clause whose word is taken for when it began to sound; later ones count in the histogram only."""

HOOK_FAULTS = Counter("parley_ledger_hook_faults_total", "Times a hook on utterances' figures raised an exception.")

_log = structlog.get_logger(__name__)


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
        # Clause and tongue -> when it began to sound, as listeners' pages say.
        self.heard: dict[tuple[int, Tongue], list[int]] = {}
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
                VoiceFigures(
                    language=each.language,
                    clauses=tuple(self._with_ears(clause, tongue(each.language)) for clause in each.clauses),
                    lost=dict(each.lost),
                )
                for each in voices
            ),
        )

    def _with_ears(self, clause: SpokenClause, heard: Tongue) -> SpokenClause:
        times = self.heard.get((clause.clause, heard))
        if not times:
            return clause
        return msgspec.structs.replace(clause, heard_at_ms=round(statistics.median(times)), ears=len(times))


class Ledger:
    """The node's books. A line is written when all voices are done with, or some time after the end; no text in it."""

    def __init__(self, clock: Clock, wait_ms: int) -> None:
        """`wait_ms`: how long after an utterance's end its line waits for the voices."""
        self._clock = clock
        self._wait_ms = wait_ms
        self._entries: dict[str, _Entry] = {}
        # Of utterances whose line was written lately: the language spoken.
        self._written: dict[str, str] = {}
        # Room -> who is given its utterances' figures as their lines are written.
        self._followers: dict[str, Callable[[UtteranceFigures], None]] = {}
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

    def heard(self, utterance_id: str, clause: int, heard: Tongue, *, ended_at_ms: int, heard_at_ms: int) -> None:
        """Note that a clause, whose sound ended then, began to sound at a listener; it may come behind the line."""
        entry = self._entries.get(utterance_id)
        language = self.language_of(utterance_id)
        if language is not None and ended_at_ms:
            MOUTH_TO_EAR.labels(spoken(language), heard[0]).observe(max(0, heard_at_ms - ended_at_ms) / 1_000)
        if entry is not None:
            times = entry.heard.setdefault((clause, heard), [])
            if len(times) < MAX_EARS:
                times.append(heard_at_ms)

    def language_of(self, utterance_id: str) -> str | None:
        """Give the language an utterance was spoken in, as far as is known; None of one that is not remembered."""
        entry = self._entries.get(utterance_id)
        return self._written.get(utterance_id) if entry is None else entry.language

    def follow(self, room_id: str, follower: Callable[[UtteranceFigures], None] | None) -> None:
        """Give a room's figures to somebody as lines are written, or no longer."""
        if follower is None:
            self._followers.pop(room_id, None)
        else:
            self._followers[room_id] = follower

    def open_in(self, room_id: str) -> list[UtteranceFigures]:
        """Give what is known so far of a room's utterances whose lines are not written yet."""
        return [entry.figures() for entry in self._entries.values() if entry.room_id == room_id]

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
        self._written[utterance_id] = figures.language
        if len(self._written) > MAX_UTTERANCES:
            del self._written[next(iter(self._written))]
        observe(figures)
        _log.info("utterance", **line_of(figures))
        follower = self._followers.get(figures.room_id)
        for hook in (*self.hooks, follower) if follower else self.hooks:
            try:
                hook(figures)
            except Exception:  # a fault boundary: lines are written in the middle of analysis and playout
                HOOK_FAULTS.inc()
                _log.exception("ledger_hook_failed", utterance_id=figures.utterance_id)
