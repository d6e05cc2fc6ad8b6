"""One utterance being recognised: which Transcripts its hypotheses become. No I/O."""

import msgspec

from pipeline.clauses import Clause, ClauseCutter
from pipeline.clock import NowMs
from pipeline.engines.transcriber import Hypothesis, Word
from pipeline.messages.audio_chunk import AudioChunk
from pipeline.messages.language import AUTO
from pipeline.messages.transcript import Transcript
from pipeline.settings import RecognitionSettings
from pipeline.told import Told


class Utterance:
    """Writes the Transcripts of one utterance: interim, speculative, final.

    Revisions only grow: a speculation has the segmenter's number, and what was not confirmed has one more than the
    highest so far.
    """

    def __init__(
        self,
        first: AudioChunk,
        engine: str,
        settings: RecognitionSettings,
        now_ms: NowMs,
        told: Told | None = None,
    ) -> None:
        """With `told`, go on with what another worker began: behind its last clause, with its numbers."""
        self._settings = settings
        self._engine = engine
        self._now_ms = now_ms
        self._told = told = told or Told()
        self._cutter = ClauseCutter(settings.clauses, told)
        # The newest chunk: it says who wants to know, and when it was heard.
        self._chunk = first
        self._taken_at_ms = now_ms()
        self._peeked_revision = told.revision
        self._peeked: tuple[Clause, str] | None = None
        self._hold_until_ms = 0
        self._interim_text = ""
        self._interim_at_ms = 0
        # How sure the engine was of the language last.
        self._language_probability: float | None = None
        # Its end, or its tombstone, was published; the stage sets it.
        self.over = False
        # The end was a tombstone.
        self.given_up = False

    @property
    def utterance_id(self) -> str:
        return self._chunk.utterance_id

    @property
    def clauses(self) -> int:
        """How many clauses were committed."""
        return self._cutter.number

    @property
    def taken_at_ms(self) -> int:
        """When the newest chunk came, in epoch milliseconds."""
        return self._taken_at_ms

    def take(self, chunk: AudioChunk) -> None:
        """Note the newest chunk."""
        self._chunk = chunk
        self._taken_at_ms = self._now_ms()

    def hear(self, hypothesis: Hypothesis, heard_ms: int) -> list[Transcript]:
        """Give the clauses that are committed by the hypothesis for the sound up to `heard_ms`.

        For a while after a speculation there are none: it may yet be confirmed, and then it must be the whole rest.
        """
        self._language_probability = hypothesis.language_probability
        hold = heard_ms < self._hold_until_ms or self.is_told(heard_ms)
        clauses = self._cutter.hear(hypothesis.words, heard_ms, stable=hypothesis.stable, hold=hold)
        return [self._final(clause, hypothesis.language, self._peeked_revision + 1) for clause in clauses]

    def interim(self, hypothesis: Hypothesis) -> Transcript | None:
        """Give the text behind the last commit, if it changed and the last interim is long enough ago."""
        clause = self._cutter.draft(hypothesis.words)
        now_ms = self._now_ms()
        if clause.text in ("", self._interim_text) or now_ms - self._interim_at_ms < self._settings.interim_every_ms:
            return None
        self._interim_text, self._interim_at_ms = clause.text, now_ms
        return self._transcript(clause, hypothesis.language, self._peeked_revision)

    def is_told(self, heard_ms: int) -> bool:
        """Whether everything up to here was committed by another worker."""
        return heard_ms <= self._told.end_ms

    def speculate_as_told(self, revision: int, heard_ms: int) -> bool:
        """Speculate what another worker did at this place, if it did; say so. It was published then."""
        if revision < self._told.revision:  # it was overtaken; nothing is cut here, as nothing was then
            self._hold_until_ms = heard_ms + self._settings.speculation_hold_ms
            return True
        draft = self._told.speculation
        if draft is None or draft.revision != revision or draft.clause != self._cutter.number:
            return self.is_told(heard_ms)
        word = Word(draft.payload, draft.start_ms, draft.end_ms)
        clause = Clause(draft.clause, (word,), draft.start_ms, draft.end_ms)
        self._note_speculation(clause, draft.language, revision, heard_ms)
        return True

    def speculate(self, hypothesis: Hypothesis, revision: int, heard_ms: int) -> Transcript | None:
        """Give what the last clause will be if the utterance ends here; None if that would be empty."""
        self._language_probability = hypothesis.language_probability
        clause = self._cutter.draft(hypothesis.words)
        self._note_speculation(clause, hypothesis.language, revision, heard_ms)
        if not clause.text:
            return None
        draft = self._transcript(clause, hypothesis.language, self._peeked_revision, speculative=True)
        return msgspec.structs.replace(draft, ended_at_ms=self._speech_ended_at_ms(clause))

    def confirm(self, revision: int) -> Transcript | None:
        """Give the end that was peeked as this revision; None if that is not what was peeked last."""
        if self._peeked is None or not revision or revision != self._peeked_revision:
            return None
        clause, language = self._peeked
        if clause.number != self._cutter.number:
            return None
        return self._end(clause, language, revision)

    def conclude(self, hypothesis: Hypothesis) -> Transcript:
        """Give the end: everything behind the last commit."""
        self._language_probability = hypothesis.language_probability
        return self._end(self._cutter.draft(hypothesis.words), hypothesis.language, self._peeked_revision + 1)

    def give_up(self, reason: str) -> Transcript:
        """Give the tombstone that stands for the rest of the utterance."""
        self.given_up = True
        clause = self._cutter.draft(())
        tombstone = self._end(clause, self._chunk.language, self._peeked_revision + 1)
        return msgspec.structs.replace(tombstone, skipped=True, reason=reason)

    def _note_speculation(self, clause: Clause, language: str, revision: int, heard_ms: int) -> None:
        self._peeked = (clause, language)
        self._peeked_revision = max(revision, self._peeked_revision)
        self._hold_until_ms = heard_ms + self._settings.speculation_hold_ms

    def _end(self, clause: Clause, language: str, revision: int) -> Transcript:
        final = self._final(clause, language, revision)
        return msgspec.structs.replace(final, last=True, ended_at_ms=self._speech_ended_at_ms(clause))

    def _final(self, clause: Clause, language: str, revision: int) -> Transcript:
        if clause.number == self._cutter.number:
            self._cutter.commit(clause.words)
        self._interim_text = ""
        return self._transcript(clause, language, revision, is_final=True)

    def _transcript(
        self, clause: Clause, language: str, revision: int, *, is_final: bool = False, speculative: bool = False
    ) -> Transcript:
        chunk = self._chunk
        times = msgspec.structs.replace(
            chunk.times, recognition_in_ms=self._taken_at_ms, recognition_out_ms=self._now_ms()
        )
        return Transcript(
            room_id=chunk.room_id,
            user_id=chunk.user_id,
            sequence_number=chunk.sequence_number,
            utterance_id=chunk.utterance_id,
            times=times,
            purpose=chunk.purpose,
            payload=clause.text,
            language=language if chunk.language == AUTO else chunk.language,
            language_probability=self._language_probability if chunk.language == AUTO else None,
            clause=clause.number,
            revision=revision,
            is_final=is_final,
            speculative=speculative,
            start_ms=clause.start_ms,
            end_ms=clause.end_ms,
            ended_at_ms=chunk.utterance_started_at_ms + clause.end_ms,
            heard_ms=chunk.end_ms,
            targets=chunk.targets,
            engine=self._engine,
        )

    def _speech_ended_at_ms(self, clause: Clause) -> int:
        ended_at_ms = self._chunk.times.speech_ended_at_ms
        return self._chunk.utterance_started_at_ms + clause.end_ms if ended_at_ms is None else ended_at_ms
