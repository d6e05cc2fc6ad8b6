"""One clause's sound in one language: the packets that have come, revision by revision, and how far it has played."""

from dataclasses import dataclass, field

from media_server.utterance import Utterance
from pipeline.messages import Speech
from pipeline.messages.speech import PACKET_MS

CHARACTER_MS = 65
"""What a character of text lasts when it is spoken, where it is not known yet: some fifteen a second."""


@dataclass(slots=True)
class Version:
    """The packets of one revision."""

    revision: int
    language: str
    # No record of it was final: it counts only if its speculation is confirmed.
    speculative: bool = True
    # By their place in the clause, with the record that each came in. Whoever speaks a clause again, after a crash, may
    # put it into other records; a packet is known by its place, and the first one to come is the one that is played.
    packets: dict[int, tuple[Speech, bytes]] = field(default_factory=dict)
    # How many there are in all, once known.
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
        new = False
        for place, packet in enumerate(speech.packets, speech.packets_before):
            if place not in self.packets and (self.end is None or place < self.end):
                self.packets[place] = (speech, packet)
                new = True
        if speech.clause_end and self.end is None:
            self.end = speech.packets_before + len(speech.packets)
            new = True
        return new

    @property
    def begun(self) -> bool:
        """Whether its beginning is there."""
        return 0 in self.packets or self.silent

    @property
    def silent(self) -> bool:
        """Whether it is there and has no sound: nothing was said."""
        return self.end == 0


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
        # Of its text, as far as is known: in the speaker's own language, then in that of the voice.
        self.characters = 0
        # Its voice was there before the deadline, and only waits for its turn.
        self.in_time = False
        # Given up before it began.
        self.dropped = False
        # How much of it was played.
        self.played_ms = 0
        self._versions: dict[int, Version] = {}
        # The place of the next packet.
        self._next = 0

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
        self.characters = speech.characters or self.characters
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
        played = version.end is not None and self._next >= version.end
        return played or (version.failed and self._next not in version.packets)

    @property
    def waiting_ms(self) -> int:
        """How much sound of it waits, counted in the newest revision that may still hold."""
        version = self.choice() or self._versions.get(max(self._versions, default=0))
        if version is None or (version.speculative and version.revision <= self.utterance.voided):
            return 0
        return len(version.packets) * PACKET_MS - self.played_ms

    @property
    def remaining_ms(self) -> int:
        """Say how long it still sounds, if it is to sound at all: what is not made yet by its text."""
        if self.dropped or self.finished or not self.committed:
            return 0
        version = self.choice()
        if version is not None and (version.end is not None or version.failed):
            return max(0, (len(version.packets) if version.end is None else version.end) - self._next) * PACKET_MS
        made_ms = len(version.packets) * PACKET_MS if version else 0
        return max(made_ms, self.characters * CHARACTER_MS) - self.played_ms

    def record(self) -> Speech | None:
        """Give the record of which the next packet is, None if it is not there."""
        version = self.choice()
        found = version.packets.get(self._next) if version else None
        return found[0] if found else None

    def take(self) -> tuple[Speech, bytes] | None:
        """Take the next packet, with its record; None if it has not come, or there is none."""
        self.playing = self.choice()
        found = self.playing.packets.get(self._next) if self.playing else None
        if found is not None:
            self._next += 1
            self.played_ms += PACKET_MS
        return found
