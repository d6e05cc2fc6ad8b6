"""Tells the people of a room when another engine than the usual one serves them, and when that is over."""

from collections.abc import Mapping

from media_server.notices import ENGINE_CHANGED, ENGINE_RESTORED, engine_notice
from media_server.participant import Participant
from media_server.paths import Paths
from media_server.stand_in import StandIn, concerning
from pipeline.messages.language import AUTO


class EngineWatch:
    """Compares what each member knows with what the workers say, and tells them the difference.

    Of what concerns them, once; that it is over, as well if it does not concern them any more.
    """

    def __init__(self, members: Mapping[str, Participant], paths: Paths) -> None:
        """`members` is the room's own mapping."""
        self._members = members
        self._paths = paths

    def refresh(self) -> None:
        """Who is here, what they speak or hear, or which engines serve has changed."""
        for member in self._members.values():
            if member.welcomed and (self._paths.stand_ins or member.stand_ins):
                self._tell(member, self._paths.stand_ins & (member.stand_ins | self._concerning(member)))

    def _concerning(self, member: Participant) -> frozenset[StandIn]:
        others = (_spoken(other) for other in self._members.values() if other is not member and other.rights.publishes)
        return concerning(_spoken(member), member.listener.language, others)

    def _tell(self, member: Participant, now: frozenset[StandIn]) -> None:
        before, member.stand_ins = member.stand_ins, now
        for each in sorted(before - now):
            member.tell(engine_notice(ENGINE_RESTORED, each))
        for each in sorted(now - before):
            member.tell(engine_notice(ENGINE_CHANGED, each))


def _spoken(member: Participant) -> str:
    language = member.speaker.language
    return member.heard_language or AUTO if language == AUTO else language
