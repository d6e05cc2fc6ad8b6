"""One connected person: their browser's connection, what they publish and what they receive."""

import asyncio
from dataclasses import replace
from typing import Literal, Protocol

import msgspec

from media_server.close_reason import CloseReason
from media_server.direct.connection import DirectConnection
from media_server.events import Event, EventSink, Original, ParticipantInfo, Speaking
from media_server.listener import Listener
from media_server.notices import AUTO_LANGUAGE, ENGINE_CHANGED, MEDIA_LOST, SOUND_ELSEWHERE, engine_notice, notice
from media_server.peer import IceCandidate, LinkFigures, OfferError, Peer, PeerFactory, PeerState
from media_server.rights import ALL_RIGHTS, Rights
from media_server.speaker import Speaker
from media_server.stand_in import StandIn
from pipeline.messages.language import AUTO


class Curious(Protocol):
    """Who is told what a participant's page says of how it goes: the room's Insight."""

    def heard(self, member: "Participant", utterance_id: str, clause: int, language: str, ago_ms: int) -> None:
        """Take a page's word that a clause's voice began to sound so long ago."""

    def watch(self, member: "Participant", watched: bool) -> None:
        """Tell them figures from now on, or no longer."""

    def present(self, member: "Participant") -> list[Event]:
        """Give what somebody who has just come, or come back, is to know."""
        ...


class ParticipantObserver(Protocol):
    """Who is told what a participant changes: the room."""

    @property
    def insight(self) -> Curious: ...

    def participant_changed(self, participant: "Participant") -> None:
        """Apply their languages, their choice of the original, or their microphone's switch."""

    def participant_connected(self, participant: "Participant") -> None:
        """Apply that their slots are new."""

    def connection_replaced(self, earlier: Peer) -> None:
        """Let an earlier connection, already cut off, close in its own time."""

    def participant_ended(self, participant: "Participant", reason: CloseReason) -> None:
        """Let them go from the room."""

    def still_speaking(self) -> Speaking | None:
        """Say whom the room was last told of as talking; None if nobody is."""
        ...


class Participant:
    """Owns a Peer, a Speaker and a Listener, and closes all three."""

    def __init__(
        self,
        *,
        info: ParticipantInfo,
        speaker: Speaker,
        listener: Listener,
        new_peer: PeerFactory,
        observer: ParticipantObserver,
        events: EventSink,
        rights: Rights = ALL_RIGHTS,
    ) -> None:
        # As the others see them.
        self.info = info
        self.rights = rights
        self.speaker = speaker
        self.listener = listener
        # Whether anything can be heard over their connection; without one, it is to come.
        self._receives = True
        # Why they are out, None while they are in.
        self.close_reason: CloseReason | None = None
        # Their page knows who is in the room: from now on they hear the others, and of them.
        self.welcomed = False
        # Of a speaker of `auto`: what it stands for, if one language does, and which one they were told of; else what
        # they were last heard in.
        self.auto_language: str | None = None
        self.told_language: str | None = None
        self.heard_language: str | None = None
        # Engines that stand in for the usual ones, as far as they were told.
        self.stand_ins: frozenset[StandIn] = frozenset()
        self._new_peer = new_peer
        self._observer = observer
        self._events = events
        # The connection in use, or being negotiated; each offer gets a new one.
        self._peer: Peer | None = None
        self._negotiating: Peer | None = None
        self._one_offer = asyncio.Lock()

    @property
    def participant_id(self) -> str:
        """Who they are in this room."""
        return self.info.participant_id

    @property
    def gone(self) -> bool:
        """Whether they are out of the room."""
        return self.close_reason is not None

    @property
    def slots(self) -> list[tuple[str, Literal["floor", "voice"]]]:
        """(mid, kind) of each outgoing m-line; empty before `answer`."""
        return self.listener.slots

    @property
    def connected(self) -> bool:
        """Whether their browser's connection is up, or coming up."""
        return self._peer is not None and self._peer.state in (PeerState.CONNECTING, PeerState.CONNECTED)

    @property
    def listens(self) -> bool:
        """Whether they may hear the others, and can."""
        return self.rights.subscribes and self._receives

    @property
    def figures(self) -> LinkFigures:
        """How well their connection does, as far as is known."""
        return LinkFigures() if self._peer is None else self._peer.figures

    def tell(self, event: Event) -> None:
        """Send an event to their page."""
        self._events(event)

    def tell_auto_language(self) -> None:
        """Tell somebody who speaks `auto` what that is taken for, whenever it is another language than they know of."""
        taken_for = self.auto_language if self.info.speaking_language == AUTO else None
        if self.welcomed and taken_for != self.told_language:
            self.told_language = taken_for
            if taken_for is not None:
                self.tell(notice(AUTO_LANGUAGE, language=taken_for))

    async def answer(self, offer: str) -> str:
        """Answer an SDP offer. A later offer is a new connection in place of the earlier one, which then ends.

        Raises:
            OfferError: the offer cannot be used, or they are out of the room; an earlier connection goes on.
        """
        async with self._one_offer:
            if self.gone:
                raise OfferError("you are not in this room any more")
            peer = self._negotiating = self._negotiating or self._new_peer()
            try:
                answer = await peer.answer(offer)
            except OfferError:  # nothing of the peer was changed: the next offer may be better
                raise
            except BaseException:
                self._negotiating = None
                await peer.close()
                raise
            if self._negotiating is not peer:  # `leave` or `disconnect` closed it meanwhile
                raise OfferError("this offer is not wanted any more: you have left, or joined by another page")
            self._negotiating = None
            earlier, self._peer = self._peer, peer
            self._use(peer)
            if earlier is not None:  # the browser waits for the answer, not for this
                _cut_off(earlier)
                self._observer.connection_replaced(earlier)
            return answer

    def use(self, connection: DirectConnection) -> None:
        """Hear and be heard by a connection that needs no offer. It takes the place of the one there is.

        Raises:
            OfferError: they are out of the room.
        """
        if self.gone:
            raise OfferError("you are not in this room any more")
        earlier = self._cut_off_peers()
        self._peer = connection
        connection.attach(self.speaker, self.listener)
        self._use(connection, receives=connection.receives)
        for peer in earlier:
            self._observer.connection_replaced(peer)
        if earlier:
            self._events(notice(SOUND_ELSEWHERE))

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        """Take a trickled candidate, None at their end; before the offer it waits with the connection to be.

        Raises:
            OfferError: not a candidate.
        """
        if self.gone:
            return
        if self._peer is None and self._negotiating is None:
            self._negotiating = self._new_peer()
        peer = self._negotiating or self._peer
        if peer is not None:
            await peer.add_candidate(candidate)

    def set_away(self) -> None:
        """Note that their page is not reached: it may come back, with `rejoin`. Sound goes on as long as it does."""
        self._change(away=True)

    def rejoin(
        self,
        *,
        name: str,
        speaking_language: str,
        listening_language: str,
        original: Original,
        keep_connection: bool,
        rights: Rights | None = None,
    ) -> None:
        """Come back, or go on by another page, as whoever they are now. Takes effect at once.

        `keep_connection`: the page is the same, so sound goes on and the microphone stays off or on. Otherwise the
        earlier page's connection is cut off, and the microphone is on. `rights`: others than before, but for `hidden`.
        """
        if not keep_connection:
            self._disconnect()
            self._observer.insight.watch(self, False)
        chooses_otherwise = original != self.listener.original
        self.listener.original = original
        if rights is not None:
            self.rights = replace(rights, hidden=self.rights.hidden)
            if self._peer is not None:
                self._listen_to(self._peer)
        self._change(
            anyway=chooses_otherwise,
            role=self.rights.role,
            name=name,
            speaking_language=speaking_language,
            listening_language=listening_language,
            muted=(self.info.muted and keep_connection) or not self.rights.publishes,
            away=False,
        )

    def catch_up(self) -> list[Event]:
        """Give what a page that has just come must be told: all that holds now and was told before."""
        events = self.listener.present()
        if self.told_language is not None:
            events.append(notice(AUTO_LANGUAGE, language=self.told_language))
        events += [engine_notice(ENGINE_CHANGED, each) for each in sorted(self.stand_ins)]
        events += self._observer.insight.present(self)
        speaking = self._observer.still_speaking()
        return events if speaking is None else [*events, speaking]

    def set_languages(self, *, speaking: str | None = None, listening: str | None = None) -> None:
        """Speak or hear another (normalised) language; `speaking` may be `auto`. Takes effect at once."""
        self._change(
            speaking_language=speaking or self.info.speaking_language,
            listening_language=listening or self.info.listening_language,
        )

    def set_original(self, original: Original) -> None:
        """Choose what becomes of the voices of those who are translated."""
        if not self.gone and original != self.listener.original:
            self.listener.original = original
            self._observer.participant_changed(self)

    def set_own_voice(self, consented: bool) -> None:
        """Note whether they let their translations be spoken in their own voice. Nothing is kept once they do not."""
        if not self.gone:
            self.speaker.own_voice.consent(consented and self.rights.publishes)

    def heard(self, utterance_id: str, clause: int, language: str, ago_ms: int) -> None:
        """Take their page's word that a clause's voice began to sound so long ago. What cannot be is passed over."""
        if not self.gone:
            self._observer.insight.heard(self, utterance_id, clause, language, ago_ms)

    def watch_figures(self, watched: bool) -> None:
        """Tell them the figures of what they hear from now on, or no longer."""
        if not self.gone:
            self._observer.insight.watch(self, watched)

    def set_muted(self, muted: bool) -> None:
        """Switch the microphone off or on; while it is off nothing of it is forwarded or analysed.

        Without the right to publish it stays off.
        """
        self._change(muted=muted or not self.rights.publishes)

    async def leave(self, reason: str = CloseReason.LEFT) -> None:
        """Leave the room. Idempotent; when it returns the connection is closed (within 5 s).

        Raises:
            ValueError: `reason` is not a CloseReason.
        """
        self.end(CloseReason(reason))
        await asyncio.gather(*(peer.close() for peer in self._cut_off_peers()))

    def end(self, reason: CloseReason) -> None:
        """Leave at once, with the connection still to be closed by `leave`. Idempotent."""
        if self.close_reason is None:
            self.close_reason = reason
            self.speaker.close()
            self._observer.participant_ended(self, reason)

    def _disconnect(self) -> None:
        """Go without a connection until the next offer; slots stay whose they are."""
        for peer in self._cut_off_peers():
            self._observer.connection_replaced(peer)

    def _cut_off_peers(self) -> list[Peer]:
        peers = [peer for peer in (self._peer, self._negotiating) if peer is not None]
        self._peer = self._negotiating = None
        for peer in peers:
            _cut_off(peer)
        return peers

    def _change(self, *, anyway: bool = False, **fields: str | bool) -> None:
        """Take over what differs, and let the room apply it; `anyway`: something else differs."""
        info = msgspec.structs.replace(self.info, **fields)
        if not self.gone and (anyway or info != self.info):
            self.info = info
            self._observer.participant_changed(self)

    def _use(self, peer: Peer, *, receives: bool = True) -> None:
        self.speaker.renew()
        self._receives = receives
        self._listen_to(peer)
        peer.on_state = self._on_state
        self.listener.connect(peer.outlets)
        self._observer.participant_connected(self)

    def _listen_to(self, peer: Peer) -> None:
        peer.on_packet = self.speaker.hear if self.rights.publishes else _ignore

    def _on_state(self, state: PeerState) -> None:
        if state is PeerState.CLOSED and not self.gone:
            self._events(notice(MEDIA_LOST))


def _cut_off(peer: Peer) -> None:
    peer.on_packet = peer.on_state = _ignore


def _ignore(_: object) -> None:
    """Take what is not wanted."""
