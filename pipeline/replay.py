"""What of a dead letter is to be said again: only what is missing, and never to ears. No I/O."""

from collections.abc import Collection
from typing import NamedTuple

import msgspec

from pipeline.messages.audio_chunk import AudioChunk
from pipeline.messages.base import Message, Said
from pipeline.messages.codec import UnreadableRecordError, decode
from pipeline.messages.dead_letter import DamagedLetterError, DeadLetter
from pipeline.messages.language import hears
from pipeline.messages.transcript import Transcript
from pipeline.messages.translation import Translation
from pipeline.told import Told

NOTHING_MISSING = "nothing of it is missing"


class Published:
    """What text there is of some utterances: what was recognised, and into which languages each clause was translated.

    Tombstones do not count. Bounded by the utterances that are asked for.
    """

    def __init__(self, utterances: Collection[str]) -> None:
        self._told: dict[str, Told] = {utterance_id: Told() for utterance_id in utterances}
        self._translated: dict[tuple[str, int], set[str]] = {}

    def note(self, message: Message) -> None:
        """Learn from a record of a topic of texts."""
        if not isinstance(message, Transcript | Translation) or message.utterance_id not in self._told:
            return
        if isinstance(message, Transcript):
            if message.purpose == "history":
                return  # a copy, for somebody who came late
            self._told[message.utterance_id].note(message)
        elif message.is_final and not message.skipped:
            self._translated.setdefault((message.utterance_id, message.clause), set()).add(message.language)

    def told(self, utterance_id: str) -> Told:
        """Say what was recognised of an utterance."""
        return self._told.get(utterance_id) or Told()

    def has(self, utterance_id: str, clause: int, language: str) -> bool:
        """Whether a clause has its final text in a language."""
        return language in self._translated.get((utterance_id, clause), ())


class Replay(NamedTuple):
    """The messages to be published in this order; or why there are none."""

    messages: tuple[Said, ...] = ()
    why: str = ""
    # Nothing can ever come of this letter.
    refused: bool = False


def replay_of(letter: DeadLetter, published: Published) -> Replay:
    """Say what to publish for a letter, given what was published of its utterance since."""
    try:
        originals = [decode(value, letter.original_headers) for value in letter.records()]
    except (UnreadableRecordError, DamagedLetterError) as error:
        return Replay(why=f"it cannot be read: {error}", refused=True)
    first = originals[0] if originals else None
    if isinstance(first, AudioChunk):
        return _of_sound([one for one in originals if isinstance(one, AudioChunk)], published)
    if isinstance(first, Transcript):
        return _of_transcript(first, published)
    if isinstance(first, Translation):
        return _of_translation(first, published)
    return Replay(why=f"nobody works on {letter.original_topic}", refused=True)


def _of_sound(chunks: list[AudioChunk], published: Published) -> Replay:
    told = published.told(chunks[0].utterance_id)
    if told.ended:
        return Replay(why=NOTHING_MISSING)
    resumes = told.resume if told.clause else None
    return Replay(tuple(msgspec.structs.replace(one, purpose="replay", resumes=resumes) for one in chunks))


def _of_transcript(transcript: Transcript, published: Published) -> Replay:
    missing = tuple(
        target
        for target in transcript.targets
        if not hears(target.language, transcript.language)
        and not published.has(transcript.utterance_id, transcript.clause, target.language)
    )
    if not missing:
        return Replay(why=NOTHING_MISSING)
    return Replay((msgspec.structs.replace(transcript, purpose="replay", targets=missing),))


def _of_translation(translation: Translation, published: Published) -> Replay:
    if published.has(translation.utterance_id, translation.clause, translation.language):
        return Replay(why=NOTHING_MISSING)
    return Replay((msgspec.structs.replace(translation, purpose="replay"),))
