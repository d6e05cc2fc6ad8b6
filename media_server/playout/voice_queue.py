"""The voices of one language in one room, in the order in which they are to be heard."""

import math
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from media_server.playout.utterance_voice import Lost, Patience, UtteranceVoice
from media_server.utterance import Utterance
from pipeline.messages import Speech

MAX_UTTERANCES = 64
"""Utterances waiting in one language; records of others are refused."""


class Sound(NamedTuple):
    """The packet to be played next."""

    payload: bytes
    # The record it came in.
    speech: Speech
    utterance: Utterance
    # It is its clause's first.
    begins: bool


class VoiceQueue:
    """One voice at a time: utterances take turns in the order their first speech became ready.

    Pure; `now` is monotonic seconds, `now_ms` epoch milliseconds. The clauses of an utterance stay together, unless its
    speaker is still talking and nothing of it is ready: then others go first. A speaker's utterances keep their order.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        # In order of arrival.
        self._voices: dict[str, UtteranceVoice] = {}
        # Utterance -> its place in the order of turns, from when it first had something to play.
        self._ready: dict[str, int] = {}
        self._tickets: Iterator[int] = count()
        # Whose turn it is, and since when it has had nothing to play.
        self._current: UtteranceVoice | None = None
        self._idle_since: float | None = None
        # Utterance that keeps its speaker's next one waiting -> since when.
        self._blocking_since: dict[str, float] = {}
        # Speaker -> the latest utterance of theirs that was heard: playout never goes back.
        self._latest: dict[str, int] = {}
        # For the caller to take away: what was lost, and the utterances of which nothing more will be played.
        self.lost: list[Lost] = []
        self.finished: list[Utterance] = []
        # Utterances done with lately, so that what still comes of them is refused.
        self._done: dict[str, None] = {}

    @property
    def waiting_ms(self) -> int:
        """How much sound waits to be played."""
        return sum(voice.waiting_ms for voice in self._voices.values())

    @property
    def speakers(self) -> set[str]:
        """Say of whom something waits, or is waited for."""
        return {voice.utterance.speaker_id for voice in self._voices.values()}

    def remaining_ms(self, speaker_id: str) -> int:
        """Say how long it takes, about, until all that a speaker has said so far was played: others' turns included."""
        turns = sorted(
            self._voices.values(),
            key=lambda voice: -1 if voice is self._current else self._ready.get(voice.utterance.utterance_id, math.inf),
        )
        before = mine = 0
        for voice in turns:
            remaining = voice.remaining_ms
            before += remaining
            if remaining and voice.utterance.speaker_id == speaker_id:
                mine = before
        return mine

    @property
    def empty(self) -> bool:
        """Whether nothing is waited for."""
        return not self._voices

    def put(self, speech: Speech, utterance: Utterance) -> bool:
        """Take a record; say whether it is of use: not a duplicate, superseded or too late."""
        voice = self._voice(utterance)
        return voice is not None and voice.put(speech)

    def expect(self, utterance: Utterance, clause: int, ended_at_ms: int, characters: int = 0) -> None:
        """Learn that a clause of so many characters was committed that is to have a voice; its audio ended then."""
        voice = self._voice(utterance)
        if voice is not None:
            voice.expect(clause, ended_at_ms, characters)

    def next(self, now: float, now_ms: int) -> Sound | None:
        """Take the packet that is to be played now; None if there is none."""
        while (voice := self._next_voice(now, now_ms)) is not None and (head := voice.head) is not None:
            begins = head.played_ms == 0
            if (taken := head.take()) is not None:
                self._latest[voice.utterance.speaker_id] = voice.utterance.number
                return Sound(taken[1], taken[0], voice.utterance, begins)
        return None

    def skip(self) -> None:
        """Leave out the rest of the clause that `next` gave: nobody is there to hear it."""
        if self._current is not None and self._current.playing:
            self._current.skip()

    def drop(self, speaker_id: str) -> None:
        """Leave out everything a speaker said."""
        for voice in [voice for voice in self._voices.values() if voice.utterance.speaker_id == speaker_id]:
            self._finish(voice)

    def sweep(self, now: float, now_ms: int) -> None:
        """Notice what time alone changes: deadlines, holes, utterances that are done with."""
        for voice in list(self._voices.values()):
            self.lost += voice.sweep(now, now_ms)
            if voice.finished:
                self._finish(voice)
            elif voice.playable and voice.utterance.utterance_id not in self._ready:
                self._ready[voice.utterance.utterance_id] = next(self._tickets)
        for voice in self._blocking():
            since = self._blocking_since.setdefault(voice.utterance.utterance_id, now)
            if now - since >= self._patience.hole_s:
                self.lost += voice.give_up()
                self._finish(voice)

    def _next_voice(self, now: float, now_ms: int) -> UtteranceVoice | None:
        """Give the utterance of which a packet is to be played now."""
        current = self._current
        if current is None or not (current.playing and current.playable):
            self.sweep(now, now_ms)
            current = self._turn(now)
        if current is None or not current.playable:
            return None
        self._idle_since = None
        return current

    def _turn(self, now: float) -> UtteranceVoice | None:
        """Say whose turn it is."""
        current = self._current
        if current is not None and (current.playable or current.playing):
            return current
        if current is not None and current.utterance.ended and not self._waited(now):
            return current
        candidates = [voice for voice in self._first_of_each() if voice.playable]
        if candidates:
            self._current = min(candidates, key=lambda voice: self._ready[voice.utterance.utterance_id])
        return self._current

    def _waited(self, now: float) -> bool:
        """Whether the rest of the current utterance has been awaited for long enough."""
        if self._idle_since is None:
            self._idle_since = now
        return now - self._idle_since >= self._patience.hole_s

    def _first_of_each(self) -> list[UtteranceVoice]:
        """Give each speaker's earliest utterance."""
        first: dict[str, UtteranceVoice] = {}
        for voice in sorted(self._voices.values(), key=lambda voice: voice.utterance.number):
            first.setdefault(voice.utterance.speaker_id, voice)
        return list(first.values())

    def _blocking(self) -> list[UtteranceVoice]:
        """Give the utterances that are over and have nothing to play, while their speaker's next one has."""
        playable = [voice.utterance for voice in self._voices.values() if voice.playable]
        return [
            voice
            for voice in self._first_of_each()
            if voice.utterance.ended
            and not (voice.playing or voice.playable)
            and any(later.speaker_id == voice.utterance.speaker_id for later in playable)
        ]

    def _voice(self, utterance: Utterance) -> UtteranceVoice | None:
        voice = self._voices.get(utterance.utterance_id)
        if voice is None and len(self._voices) < MAX_UTTERANCES and not self._over(utterance):
            voice = self._voices[utterance.utterance_id] = UtteranceVoice(utterance, self._patience)
        return voice

    def _over(self, utterance: Utterance) -> bool:
        """Whether its time has passed: it is done with, or a later one of its speaker was heard."""
        latest = self._latest.get(utterance.speaker_id, utterance.number)
        return utterance.utterance_id in self._done or utterance.number < latest

    def _finish(self, voice: UtteranceVoice) -> None:
        utterance = voice.utterance
        del self._voices[utterance.utterance_id]
        self._ready.pop(utterance.utterance_id, None)
        self._blocking_since.pop(utterance.utterance_id, None)
        self._done[utterance.utterance_id] = None
        if len(self._done) > 2 * MAX_UTTERANCES:
            del self._done[next(iter(self._done))]
        if self._current is voice:
            self._current = None
            self._idle_since = None
        self.finished.append(utterance)
