"""What one listener hears of one speaker, from utterance to utterance."""

import math

from media_server.events import Original
from media_server.paths import PathState
from media_server.routing import Route, route
from media_server.targets import Tongue, tongue

MAX_UTTERANCES = 32
"""Utterances remembered whose voices may still come; beyond it the oldest is not heard any more."""


class Hearing:
    """Applies the routing table over time: pure, no I/O.

    From voice to floor it goes at once, from floor to voice with the next utterance: so every word is heard one way or
    the other, hardly one in both, and no voice begins in the middle of what was just heard as it is.
    """

    def __init__(self, open_utterance: str | None = None) -> None:
        """`open_utterance` is what the speaker is in the middle of as the listener begins to hear them."""
        # In force now.
        self.route = Route(floor=False, voice=False)
        # The code of the notice the listener was last told, None if nothing is amiss.
        self.told: str | None = None
        self._open = open_utterance
        # Utterances heard as voices, and up to which epoch ms of their audio: infinity, or when the floor took over.
        self._voiced: dict[str, float] = {}
        self._missing = False
        self._tongue: Tongue | None = None
        self._terms: tuple[str, str, PathState, Original] | None = None

    @property
    def open_utterance(self) -> str | None:
        """What the speaker is in the middle of."""
        return self._open

    def decide(self, *, listening: str, speaking: str, path: PathState, original: Original, now_ms: int) -> None:
        """Take how things stand now; `now_ms` is epoch milliseconds."""
        if tongue(listening) != self._tongue:
            self._tongue = tongue(listening)
            self._voiced.clear()
            self.told = None
        self._terms = (listening, speaking, path, original)
        if not self._wanted().voice:
            self._cut(now_ms)
        self._settle()

    def utterance_started(self, utterance_id: str) -> None:
        """Begin an utterance: from now on it is heard in the way that is right now."""
        self._open = utterance_id
        self._missing = False
        if self._terms and self._wanted().voice:
            self._voiced[utterance_id] = math.inf
            if len(self._voiced) > MAX_UTTERANCES:
                del self._voiced[next(iter(self._voiced))]
        self._settle()

    def utterance_ended(self, utterance_id: str) -> None:
        """End it, though its voice may still come."""
        if self._open == utterance_id:
            self._open = None
            self._missing = False
            self._settle()

    def voice_missed(self, now_ms: int) -> None:
        """Give up on a voice that did not come in time: the rest of what is being said is heard as it is."""
        if self._open is not None and self._follows():
            self._cut(now_ms)
            self._missing = True
            self._settle()

    def voice_due(self, utterance_id: str, ended_at_ms: int) -> bool:
        """Whether the voice of that utterance's clause, whose audio ended then (epoch ms), is for this listener."""
        return self._voiced.get(utterance_id, -math.inf) >= ended_at_ms

    def voiced(self, utterance_id: str) -> bool:
        """Whether anything of that utterance is heard as a voice."""
        return utterance_id in self._voiced

    def _wanted(self, *, voice_missing: bool = False, until_next: bool = False) -> Route:
        if self._terms is None:
            return self.route
        listening, speaking, path, original = self._terms
        return route(
            listening=listening,
            speaking=speaking,
            path=path,
            original=original,
            voice_missing=voice_missing,
            until_next=until_next,
        )

    def _follows(self) -> bool:
        """Whether the open utterance is heard as a voice to its end."""
        return self._open is not None and self._voiced.get(self._open) == math.inf

    def _cut(self, now_ms: int) -> None:
        if self._open is not None and self._follows():
            self._voiced[self._open] = now_ms

    def _settle(self) -> None:
        late = self._open is not None and not self._follows()
        self.route = self._wanted(voice_missing=late and self._missing, until_next=late)
