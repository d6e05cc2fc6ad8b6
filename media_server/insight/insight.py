"""One room's insight into itself: takes what is measured, and tells everybody what concerns them."""

from collections.abc import Callable, Mapping

from media_server.clock import Clock
from media_server.events import DelaysChanged, Event, LanguageDelay, QualityChanged
from media_server.insight.delays import Delay, Delays, Pair
from media_server.insight.hearing_out import HearingOut
from media_server.insight.qualities import Qualities
from media_server.insight.watch import Watch
from media_server.ledger import Ledger
from media_server.participant import Participant
from media_server.targets import Tongue, tongue
from media_server.utterance import Utterance
from pipeline.messages import Speech
from pipeline.messages.language import AUTO, spoken

EVERY_S = 2.0
"""At most so often delays are told."""

Remaining = Callable[[], Mapping[str, Mapping[Tongue, int]]]
"""Gives what is still to be played of each speaker, in ms, in each tongue."""


class Insight:
    """Delays, who still listens, connections, and figures for who watches. Nothing of it is on a packet's way."""

    def __init__(self, room_id: str, members: Mapping[str, Participant], ledger: Ledger, clock: Clock) -> None:
        """`members` is the room's own mapping: who is in it is in the room."""
        self._members = members
        self._ledger = ledger
        self._clock = clock
        self._delays = Delays()
        # As they were told last, and when.
        self._told: dict[Pair, Delay] = {}
        self._told_at = float("-inf")
        self._hearing_out = HearingOut(members, clock)
        self._qualities = Qualities(members, clock)
        self._watch = Watch(room_id, members, ledger, clock)

    def tick(self, remaining: Remaining) -> None:
        """Tell what is due."""
        now = self._clock.now()
        if self._delays.moved and now - self._told_at >= EVERY_S:
            self._told_at = now
            self._tell_delays(self._delays.current(now))
        self._hearing_out.tick(remaining())
        self._qualities.tick()
        self._watch.tick()

    def present(self, member: Participant) -> list[Event]:
        """Give what somebody who has just come, or come back, is to know."""
        events: list[Event] = []
        qualities = self._qualities.present(member)
        if qualities:
            events.append(QualityChanged(qualities=qualities))
        if concerning := self._concerning(member, self._told):
            events.append(concerning)
        return events

    def forget(self, participant_id: str) -> None:
        """Forget somebody who left."""
        self._qualities.forget(participant_id)
        self._hearing_out.forget(participant_id)
        self._watch.watch(participant_id, watched=False)

    def close(self) -> None:
        """Keep nothing more."""
        self._watch.close()

    # What is measured.

    def voice_sent(self, speech: Speech, utterance: Utterance) -> None:
        """Note that a clause's first packet left just now."""
        source = self._ledger.language_of(utterance.utterance_id)
        if source is not None and speech.ended_at_ms:
            took_ms = self._clock.epoch_ms() - speech.ended_at_ms
            self._delays.sent((spoken(source), spoken(speech.language)), took_ms, self._clock.now())

    def heard(self, member: Participant, utterance_id: str, clause: int, language: str, ago_ms: int) -> None:
        """Take a page's word that a clause's voice began to sound; what cannot be is passed over."""
        soundings, rtt_s = member.listener.soundings, member.figures.rtt_s
        sounding = soundings.heard(utterance_id, clause, tongue(language), ago_ms, rtt_s)
        if sounding is None or sounding.heard_at_ms is None:
            return
        heard, ended_at_ms, at_ms = sounding.tongue, sounding.ended_at_ms, sounding.heard_at_ms
        self._ledger.heard(utterance_id, clause, heard, ended_at_ms=ended_at_ms, heard_at_ms=at_ms)
        source = self._ledger.language_of(utterance_id)
        if source is not None and ended_at_ms:
            self._delays.heard((spoken(source), heard[0]), at_ms - ended_at_ms, self._clock.now())

    def captioned(self, source: str, target: str, took_ms: int) -> None:
        """Note that a clause's final caption was shown so long after the end of its sound."""
        self._delays.captioned((spoken(source), spoken(target)), took_ms, self._clock.now())

    def watch(self, member: Participant, watched: bool) -> None:
        """Tell somebody the figures of what they hear from now on, or no longer."""
        self._watch.watch(member.participant_id, watched)

    # Who is told.

    def _tell_delays(self, delays: dict[Pair, Delay]) -> None:
        unknown = Delay(None, None)
        changed = {pair for pair, delay in delays.items() if delay.differs(self._told.get(pair, unknown))}
        if not changed:
            return
        self._told = {pair: delays[pair] if pair in changed else self._told[pair] for pair in delays}
        for member in self._members.values():
            if any(_concerns(pair, member) for pair in changed) and (event := self._concerning(member, self._told)):
                member.tell(event)

    def _concerning(self, member: Participant, delays: Mapping[Pair, Delay]) -> DelaysChanged | None:
        mine = [(pair, delay) for pair, delay in sorted(delays.items()) if _concerns(pair, member)]
        if not mine:
            return None
        return DelaysChanged(
            delays=tuple(
                LanguageDelay(source=source, target=target, voice_ms=delay.voice_ms, caption_ms=delay.caption_ms)
                for (source, target), delay in mine
            )
        )


def _concerns(pair: Pair, member: Participant) -> bool:
    """Whether somebody listens to the second language of a pair, or is heard in the first."""
    source, target = pair
    if member.listens and spoken(member.listener.language) == target:
        return True
    speaks = member.heard_language if member.speaker.language == AUTO else member.speaker.language
    return member.rights.publishes and speaks is not None and spoken(speaks) == source
