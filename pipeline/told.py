"""What was published of an utterance before: where somebody who takes over goes on. No I/O."""

from collections.abc import Iterable

from pipeline.messages.audio_chunk import Resume
from pipeline.messages.transcript import Transcript
from pipeline.recent import Recent


class Told:
    """One utterance's Transcripts as far as they are known, in the order in which they were published."""

    def __init__(self, resumes: Resume | None = None) -> None:
        """Know nothing, or what a replay was given to go on from."""
        # The number of the next clause, and the end of the last one's sound, from the utterance's first sample on.
        self.clause = 0
        self.end_ms = 0
        # The highest number that `maybe_last` had; what is committed without it has one more.
        self.revision = 0
        # The words that are committed; None if not all of them are known.
        self.words: tuple[str, ...] | None = ()
        # Of the next clause: its start, and what it will be if the utterance ends there, as far as they were given out.
        self.start_ms: int | None = None
        self.speculation: Transcript | None = None
        # The utterance's end: its last clause, or a tombstone.
        self.end: Transcript | None = None
        if resumes is not None:
            self.clause, self.revision, self.end_ms = resumes.clause, resumes.revision, resumes.end_ms
            self.words = None if resumes.clause else ()

    @property
    def resume(self) -> Resume:
        """Give the place at which a replay goes on."""
        return Resume(self.clause, self.revision, self.end_ms)

    @property
    def ended(self) -> bool:
        """Whether its end was published, and is no tombstone."""
        return self.end is not None and not self.end.skipped

    def note(self, transcript: Transcript) -> None:
        """Learn from a Transcript of this utterance."""
        if not transcript.is_final:
            self._note_draft(transcript)
            return
        self.revision = max(self.revision, transcript.revision - 1)
        if transcript.last and not self.ended:
            self.end = transcript
        if not transcript.skipped:
            self._note_clause(transcript)

    def _note_draft(self, transcript: Transcript) -> None:
        self.revision = max(self.revision, transcript.revision)
        if transcript.clause != self.clause:
            return
        self.start_ms = transcript.start_ms
        if transcript.speculative:
            self.speculation = transcript

    def _note_clause(self, transcript: Transcript) -> None:
        if transcript.clause < self.clause:
            return  # it came twice
        whole = self.words is not None and transcript.clause == self.clause
        self.words = (*(self.words or ()), *transcript.payload.split()) if whole else None
        self.clause = transcript.clause + 1
        self.end_ms = max(self.end_ms, transcript.end_ms)
        self.start_ms = self.speculation = None


class Memory:
    """What was published of the utterances of late. Keeps `size` of them; when full, the oldest is forgotten."""

    def __init__(self, size: int, transcripts: Iterable[Transcript] = ()) -> None:
        self._utterances: Recent[str, Told] = Recent(size)
        for transcript in transcripts:
            self.note(transcript)

    def note(self, transcript: Transcript) -> None:
        """Learn from a Transcript."""
        told = self._utterances.get(transcript.utterance_id)
        if told is None:
            told = self._utterances.set(transcript.utterance_id, Told())
        told.note(transcript)

    def of(self, utterance_id: str) -> Told | None:
        """Say what is known of an utterance; None: nothing."""
        return self._utterances.get(utterance_id)
