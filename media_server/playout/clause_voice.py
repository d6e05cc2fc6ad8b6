"""One clause's sound in one language: the records that have come, revision by revision, and how far it has played."""

from dataclasses import dataclass, field

from media_server.utterance import Utterance
from pipeline.messages import Speech
from pipeline.messages.speech import PACKET_MS


@dataclass(slots=True)
class Version:
    """The records of one revision."""

    revision: int
    language: str
    # No record of it was final: it counts only if its speculation is confirmed.
    speculative: bool = True
    records: dict[int, Speech] = field(default_factory=dict)
    # Index of the last record, once known.
    end: int | None = None
    # A tombstone came: what there is now is all there will be.
    failed: bool = False
    # The utterance ends with it.
    last: bool = False
    ended_at_ms: int = 0

    def put(self, speech: Speech) -> bool:
        """Take a record; say whether it was new. A real record outranks a tombstone."""
        if speech.language != self.language:
            return False
        self.speculative &= speech.speculative
        self.ended_at_ms = self.ended_at_ms or speech.ended_at_ms
        self.last |= speech.last
        if speech.skipped:
            new, self.failed = not self.failed, True
            return new
        if speech.index in self.records:
            return False
        self.records[speech.index] = speech
        if speech.clause_end:
            self.end = speech.index
        return True

    @property
    def begun(self) -> bool:
        """Whether its first record is there."""
        return 0 in self.records

    @property
    def silent(self) -> bool:
        """Whether it is there and has no sound: nothing was said."""
        return self.end == 0 and self.begun and not self.records[0].packets


class ClauseVoice:
    """Plays each of its packets once, in order, from the one revision that holds. Pure."""

    def __init__(self, utterance: Utterance, clause: int) -> None:
        self.utterance = utterance
        self.clause = clause
        # The revision that is being played, once it is.
        self.playing: Version | None = None
        # Epoch milliseconds of the end of its audio, 0 until known.
        self.ended_at_ms = 0
        # Known to be committed, though perhaps nothing of it has come yet.
        self.expected = False
        # Its voice was there before the deadline, and only waits for its turn.
        self.in_time = False
        # Given up before it began.
        self.dropped = False
        # How much of it was played.
        self.played_ms = 0
        self._versions: dict[int, Version] = {}
        # The next packet: index of its record, place in it.
        self._next = (0, 0)

    def put(self, speech: Speech) -> bool:
        """Take a record; say whether it is of use: not a duplicate, nor void, nor superseded."""
        if speech.speculative and (speech.skipped or speech.revision <= self.utterance.voided):
            # What could not be said ahead may yet be said when it is final.
            return False
        if self.playing is None and speech.revision < max(self._versions, default=0):
            return False
        version = self._versions.setdefault(speech.revision, Version(speech.revision, speech.language))
        if self.playing is not None and version is not self.playing:
            return False
        if not version.put(speech):
            return False
        self.ended_at_ms = version.ended_at_ms or self.ended_at_ms
        return True

    def choice(self) -> Version | None:
        """Give the revision that holds, if one does yet: the final one, or the speculation that was confirmed."""
        if self.playing is not None:
            return self.playing
        finals = [revision for revision, version in self._versions.items() if not version.speculative]
        if finals:
            return self._versions[max(finals)]
        return self._versions.get(self.utterance.confirms) if self.utterance.confirms else None

    @property
    def ready(self) -> bool:
        """Whether it can begin now."""
        version = self.choice()
        return version is not None and version.begun

    @property
    def committed(self) -> bool:
        """Whether it is known that these words were said."""
        return self.expected or self.choice() is not None

    @property
    def finished(self) -> bool:
        """Whether all of it that will ever come was played."""
        version = self.playing
        if version is None:
            return False
        index, _ = self._next
        return (version.end is not None and index > version.end) or (version.failed and index not in version.records)

    @property
    def waiting_ms(self) -> int:
        """How much sound of it waits, counted in the newest revision that may still hold."""
        version = self.choice() or self._versions.get(max(self._versions, default=0))
        if version is None or (version.speculative and version.revision <= self.utterance.voided):
            return 0
        return sum(record.duration_ms for record in version.records.values()) - self.played_ms

    def record(self) -> Speech | None:
        """Give the record of which the next packet is, None if it is not there."""
        version = self.choice()
        return version.records.get(self._next[0]) if version else None

    def take(self) -> tuple[Speech, bytes] | None:
        """Take the next packet, with its record; None if it has not come, or there is none."""
        self.playing = self.choice()
        while (record := self.record()) is not None:
            index, place = self._next
            if place < len(record.packets):
                self._next = (index, place + 1) if place + 1 < len(record.packets) else (index + 1, 0)
                self.played_ms += PACKET_MS
                return record, record.packets[place]
            self._next = (index + 1, 0)
        return None
