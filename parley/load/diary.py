"""What was said, and what of it came to whom. Pure: times are given."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from parley.client.events import Caption
from parley.client.heard import Heard
from parley.load.plan import Seat, Turn
from parley.load.word_errors import NONE, WordErrors, word_errors
from pipeline.messages.language import hears

MOST_UTTERANCES = 100_000
"""Of which it is remembered to which turn they belong; later ones are told by the time alone."""


@dataclass
class Receipt:
    """What came to one listener of one turn, in monotonic seconds; None: not yet."""

    # Which sound they are due: a voice, unless they understand the speaker.
    due: Literal["voice", "floor"]
    voice_at: float | None = None
    floor_at: float | None = None
    # The first caption, of whatever kind, and the last final one.
    caption_at: float | None = None
    final_at: float | None = None

    @property
    def sound_at(self) -> float | None:
        """When the sound that was due began."""
        return self.voice_at if self.due == "voice" else self.floor_at


@dataclass
class Said:
    """A turn that has begun."""

    turn: Turn
    # When its first sample was spoken.
    began: float
    receipts: dict[int, Receipt] = field(default_factory=dict)
    # What was recognised, by utterance and clause, in the order in which it came first.
    recognised: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def words_end(self) -> float:
        """When its last word had been spoken."""
        return self.began + self.turn.speech.ends_s

    @property
    def words_begin(self) -> float:
        """When its first word began."""
        return self.began + self.turn.speech.begins_s

    @property
    def errors(self) -> WordErrors:
        """What was heard wrongly; none where the text is not known."""
        text = self.turn.speech.text
        return NONE if text is None else word_errors(text, " ".join(self.recognised.values()))


class Diary:
    """Of one run. What comes in belongs to what its speaker said last, or to what its utterance belonged to before."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        # By listener and speaker, the number of the last frame of each stream that counts its frames.
        self._sequences: dict[tuple[int, str, str], int] = {}
        self._by_speaker: dict[tuple[str, str], list[Said]] = defaultdict(list)
        self._of_utterance: dict[str, Said] = {}
        self._members: dict[str, list[Seat]] = defaultdict(list)
        self.frames = 0
        self.frames_lost = 0
        self.joins_s: list[float] = []
        # By what went wrong.
        self.errors: Counter[str] = Counter()

    def joined(self, seat: Seat, took_s: float) -> None:
        """Note that somebody is in."""
        self._members[seat.room].append(seat)
        self.joins_s.append(took_s)

    def begins(self, turn: Turn, participant_id: str, at: float) -> Said:
        """Note that somebody begins to talk: everybody else who is in is due to hear and to read it."""
        said = Said(turn, at)
        said.receipts = {
            seat.number: Receipt("floor" if hears(seat.listening, turn.seat.speaking) else "voice")
            for seat in self._members[turn.seat.room]
            if seat.number != turn.seat.number
        }
        self.said.append(said)
        self._by_speaker[turn.seat.room, participant_id].append(said)
        return said

    def heard(self, seat: Seat, sound: Heard) -> None:
        """Note a piece of sound that came in."""
        self.frames += 1
        self._count(seat, sound)
        receipt = self._receipt(seat, sound.speaker_id, sound.utterance_id, sound.at)
        if receipt is None:
            return
        if sound.kind == "voice":
            receipt.voice_at = receipt.voice_at or sound.at
        else:
            receipt.floor_at = receipt.floor_at or sound.at

    def read(self, seat: Seat, caption: Caption, at: float) -> None:
        """Note a caption that came in."""
        said = self._said(seat.room, caption.speaker_id, caption.utterance_id, at)
        if said is None:
            return
        place = caption.utterance_id, caption.clause
        if caption.is_final and (caption.source_text or place in said.recognised):
            said.recognised[place] = caption.source_text
        receipt = said.receipts.get(seat.number)
        if receipt is None or not caption.text:
            return
        receipt.caption_at = receipt.caption_at or at
        if caption.is_final:
            receipt.final_at = at

    @property
    def receipts(self) -> Iterator[tuple[Said, Receipt]]:
        """Everything that was due to anybody."""
        return ((said, receipt) for said in self.said for receipt in said.receipts.values())

    @property
    def tally(self) -> tuple[int, int]:
        """How much came and how much was due so far: to each listener, of each turn, its sound and its captions."""
        came = due = 0
        for _, receipt in self.receipts:
            came += (receipt.sound_at is not None) + (receipt.final_at is not None)
            due += 2
        return came, due

    def _count(self, seat: Seat, sound: Heard) -> None:
        if sound.sequence is None:
            return
        stream = seat.number, sound.speaker_id, sound.kind
        last = self._sequences.get(stream)
        # A number that is not higher begins a new socket.
        if last is not None and sound.sequence > last:
            self.frames_lost += sound.sequence - last - 1
        self._sequences[stream] = sound.sequence

    def _receipt(self, seat: Seat, speaker_id: str, utterance_id: str, at: float) -> Receipt | None:
        said = self._said(seat.room, speaker_id, utterance_id, at)
        return said.receipts.get(seat.number) if said is not None else None

    def _said(self, room: str, speaker_id: str, utterance_id: str, at: float) -> Said | None:
        known = self._of_utterance.get(utterance_id) if utterance_id else None
        if known is not None:
            return known
        all_said = self._by_speaker.get((room, speaker_id), [])
        index = bisect_right([said.began for said in all_said], at)
        if index == 0:
            return None
        if utterance_id and len(self._of_utterance) < MOST_UTTERANCES:
            self._of_utterance[utterance_id] = all_said[index - 1]
        return all_said[index - 1]
