"""How good everybody's connection is, and who is told."""

from collections.abc import Mapping

from media_server.clock import Clock
from media_server.events import QualityChanged
from media_server.insight.quality import ConnectionQuality, Quality
from media_server.participant import Participant
from media_server.rights import Role

EVERY_S = 2.0
"""How often each connection is looked at, and at most so often the room is told."""
TURNS = 40
"""Looks are spread over so many ticks of the room, so that a large one does not stand still for them."""
_HOST: Role = "host"


class Qualities:
    """Of one room. Of who only listens it is told to themselves and to hosts; of the hidden to nobody else."""

    def __init__(self, members: Mapping[str, Participant], clock: Clock) -> None:
        """`members` is the room's own mapping."""
        self._members = members
        self._clock = clock
        self._known: dict[str, ConnectionQuality] = {}
        # Whose word is another than was told.
        self._changed: set[str] = set()
        self._turn = 0
        self._told_at = float("-inf")

    def tick(self) -> None:
        """Look at some, and tell what changed, if it is time."""
        self._turn = (self._turn + 1) % TURNS
        for member in list(self._members.values())[self._turn :: TURNS]:
            known = self._known.get(member.participant_id) or ConnectionQuality()
            if known.rate(member.figures):
                self._known[member.participant_id] = known
                self._changed.add(member.participant_id)
        now = self._clock.now()
        if self._changed and now - self._told_at >= EVERY_S:
            self._told_at = now
            self._tell()

    def present(self, member: Participant) -> dict[str, Quality]:
        """Give what somebody who has just come may know."""
        return self._shown(self._known, member)

    def forget(self, participant_id: str) -> None:
        """Forget somebody who left."""
        self._known.pop(participant_id, None)
        self._changed.discard(participant_id)

    def _tell(self) -> None:
        changed, self._changed = self._changed, set()
        # Most are told the same.
        public = {each: word for each in changed if self._is_public(each) and (word := self._word(each))}
        for member in self._members.values():
            own = member.participant_id in changed
            shown = self._shown(changed, member) if own or member.rights.role == _HOST else public
            if shown:
                member.tell(QualityChanged(qualities=shown))

    def _shown(self, about: Mapping[str, object] | set[str], to: Participant) -> dict[str, Quality]:
        shown = [each for each in about if each == to.participant_id or self._is_shown(each, to.rights.role)]
        return {each: word for each in shown if (word := self._word(each))}

    def _is_shown(self, participant_id: str, role: Role) -> bool:
        member = self._members.get(participant_id)
        return member is not None and not member.rights.hidden and (member.rights.publishes or role == _HOST)

    def _is_public(self, participant_id: str) -> bool:
        return self._is_shown(participant_id, "listener")

    def _word(self, participant_id: str) -> Quality | None:
        known = self._known.get(participant_id)
        return None if known is None else known.word
