"""Figures for those who watch: when what they hear passed each stage, and what is sent in each of their slots."""

from collections.abc import Mapping

from media_server.clock import Clock
from media_server.events import ClauseSeen, Figures, UtteranceSeen
from media_server.figures import SpokenClause, UtteranceFigures, since
from media_server.ledger import Ledger
from media_server.participant import Participant
from media_server.targets import tongue
from pipeline.messages.language import spoken

EVERY_S = 1.0
"""How often who watches is told."""
MAX_UTTERANCES = 16
"""The last ones of a room that are kept while somebody watches."""


class Watch:
    """Of one room. While nobody watches nothing is kept, and nothing is computed."""

    def __init__(self, room_id: str, members: Mapping[str, Participant], ledger: Ledger, clock: Clock) -> None:
        """`members` is the room's own mapping."""
        self._room_id = room_id
        self._members = members
        self._ledger = ledger
        self._clock = clock
        # By who watches: what they were told of each utterance.
        self._watchers: dict[str, dict[str, UtteranceSeen]] = {}
        # The last utterances, as of the last look.
        self._recent: dict[str, UtteranceFigures] = {}
        self._looked_at = float("-inf")

    def watch(self, participant_id: str, watched: bool) -> None:
        """Begin to tell somebody, anew if they watch already; or tell them no longer."""
        if watched:
            self._watchers[participant_id] = {}
            self._looked_at = float("-inf")
            self._ledger.follow(self._room_id, self._take)
        elif self._watchers.pop(participant_id, None) is not None and not self._watchers:
            self.close()

    def close(self) -> None:
        """Keep nothing more. Idempotent."""
        self._ledger.follow(self._room_id, None)
        self._watchers.clear()
        self._recent.clear()

    def tick(self) -> None:
        """Tell who watches, if it is time."""
        if not self._watchers or self._clock.now() - self._looked_at < EVERY_S:
            return
        self._looked_at = self._clock.now()
        for figures in self._ledger.open_in(self._room_id):
            self._take(figures)
        for participant_id, told in self._watchers.items():
            member = self._members.get(participant_id)
            if member is not None:
                self._tell(member, told)

    def _take(self, figures: UtteranceFigures) -> None:
        self._recent[figures.utterance_id] = figures
        if len(self._recent) > MAX_UTTERANCES:
            del self._recent[next(iter(self._recent))]

    def _tell(self, member: Participant, told: dict[str, UtteranceSeen]) -> None:
        seen = (_seen(figures, member) for figures in self._recent.values())
        news = [each for each in seen if each is not None and told.get(each.utterance_id) != each]
        told.update((each.utterance_id, each) for each in news)
        for forgotten in [utterance_id for utterance_id in told if utterance_id not in self._recent]:
            del told[forgotten]
        rtt_s = member.figures.rtt_s
        rtt_ms = None if rtt_s is None else round(rtt_s * 1_000)
        member.tell(Figures(utterances=tuple(news), slots=member.listener.forwarded(), rtt_ms=rtt_ms))


def _seen(figures: UtteranceFigures, member: Participant) -> UtteranceSeen | None:
    """Give an utterance as somebody hears it; None if they hear no voice of it."""
    heard = tongue(member.listener.language)
    voice = next((voice for voice in figures.voices if tongue(voice.language) == heard), None)
    if voice is None or not voice.clauses or figures.speaker_id == member.participant_id or not member.listens:
        return None
    return UtteranceSeen(
        utterance_id=figures.utterance_id,
        speaker_id=figures.speaker_id,
        source=spoken(figures.language),
        target=spoken(voice.language),
        started_at_ms=figures.started_at_ms,
        clauses=tuple(
            _clause_seen(clause, member.listener.soundings.heard_at_ms(figures.utterance_id, clause.clause, heard))
            for clause in voice.clauses
        ),
        lost=sum(voice.lost.values()),
    )


def _clause_seen(clause: SpokenClause, heard_at_ms: int | None) -> ClauseSeen:
    start = clause.ended_at_ms
    return ClauseSeen(
        clause=clause.clause,
        recognised_ms=since(start, clause.recognised_at_ms),
        translated_ms=since(start, clause.translated_at_ms),
        synthesised_ms=since(start, clause.synthesised_at_ms),
        arrived_ms=since(start, clause.arrived_at_ms),
        first_packet_ms=clause.first_packet_at_ms - start,
        heard_ms=since(start, heard_at_ms),
    )
