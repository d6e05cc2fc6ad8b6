"""What a system does while people talk in it: all that travels on its bus, and its books."""

import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from media_server.figures import UtteranceFigures
from parley.system import System
from pipeline.messages import AudioChunk, Speech, Transcript, Translation
from tests.pipeline.support import Heard as Messages
from tests.pipeline.support import listening
from tests.support.caller import Caller, Heard
from tests.support.until import until


def monotonic_s(epoch_ms: float) -> float:
    """Give the monotonic time of a moment of the epoch's clock."""
    return epoch_ms / 1000 - time.time() + time.monotonic()


class Span(NamedTuple):
    """When a clause's voice was heard: its first packet, and its last, in monotonic seconds."""

    begins: float
    ends: float
    # Where in what was heard it begins.
    at: int


@dataclass
class Overheard:
    """Everything so far."""

    messages: Messages
    figures: list[UtteranceFigures]

    def utterances(self, speaker_id: str = "") -> list[str]:
        """Give the utterances, of one speaker or of all, in the order in which they began."""
        chunks = self.messages.of(AudioChunk, lambda chunk: chunk.user_id == speaker_id or not speaker_id)
        return list(dict.fromkeys(chunk.utterance_id for chunk in chunks))

    def clauses(self, speaker_id: str) -> list[Transcript]:
        """Give what was committed of a speaker's words, in the order of what was said."""
        return self.messages.of(
            Transcript, lambda text: text.is_final and text.user_id == speaker_id and bool(text.payload)
        )

    def translation(self, clause: Transcript, language: str) -> Translation:
        """Give the translation of a clause."""
        (found,) = self.messages.of(
            Translation,
            lambda text: (
                text.is_final
                and (text.utterance_id, text.clause, text.language) == (clause.utterance_id, clause.clause, language)
            ),
        )
        return found

    def packets(self, clause: Transcript, language: str) -> tuple[bytes, ...]:
        """Give the voice of a clause as it was made."""
        records = self.messages.of(
            Speech,
            lambda speech: (
                (speech.utterance_id, speech.clause, speech.revision, speech.language)
                == (clause.utterance_id, clause.clause, clause.revision, language)
            ),
        )
        return tuple(packet for record in sorted(records, key=lambda each: each.index) for packet in record.packets)

    async def settled(self, limit_s: float = 20) -> None:
        """Wait until the books are closed on every utterance that has begun."""
        await until(lambda: set(self.utterances()) <= {each.utterance_id for each in self.figures}, limit_s)


@contextlib.asynccontextmanager
async def overhearing(system: System) -> AsyncIterator[Overheard]:
    """Write down what travels on a system's bus."""
    topics = (AudioChunk.TOPIC, Transcript.TOPIC, Translation.TOPIC, Speech.TOPIC)
    async with listening(system.bus, *topics) as messages:
        overheard = Overheard(messages, [])
        system.rooms.ledger.hooks.append(overheard.figures.append)
        yield overheard


def find(packets: Sequence[bytes], heard: Sequence[Heard], after: int = 0) -> Span | None:
    """Find a voice, whole and without a hole, in what somebody heard; None if it is not there."""
    payloads = [packet.payload for packet in heard]
    for at in range(after, len(heard) - len(packets) + 1):
        if payloads[at] == packets[0] and payloads[at : at + len(packets)] == list(packets):
            return Span(heard[at].at, heard[at + len(packets) - 1].at, at)
    return None


def voices(overheard: Overheard, speaker: Caller, listener: Caller, language: str) -> list[Span]:
    """Find the voice of every clause that somebody said, one behind the other, in what a listener heard."""
    found: list[Span] = []
    heard = listener.on("voice")
    after = 0
    for clause in overheard.clauses(speaker.participant_id):
        packets = overheard.packets(clause, language)
        assert packets, f"clause {clause.clause} of {clause.utterance_id} has no voice"
        place = find(packets, heard, after)
        assert place is not None, f"the voice of clause {clause.clause} of {clause.utterance_id} was not heard whole"
        found.append(place)
        after = place.at + len(packets)
    return found
