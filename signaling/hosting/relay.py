"""What one participant's page sends to another's, to set up something between the two: a shared screen, say."""

import re
from collections import Counter
from typing import TYPE_CHECKING

from media_server.events import Event
from media_server.peer import IceCandidate
from signaling.identity.grant import Grant, Identity
from signaling.protocol import (
    AnswerRelayed,
    Candidate,
    CandidateRelayed,
    ErrorCode,
    Hangup,
    HungUp,
    Offer,
    OfferRelayed,
    RefusalError,
    Relayed,
    RelayedAnswer,
    type_of,
)

if TYPE_CHECKING:
    from signaling.door import Door
    from signaling.presence import Presence

LONGEST_SDP = 32 * 1024
"""Characters of an offer or answer; that of a screen with sound has some 6,000."""
MOST_CANDIDATES = 64
"""Candidates in one SDP, or behind it. Browsers have about 20."""
LONGEST_CANDIDATE = 512
"""Characters of one candidate; those of browsers have about 150."""
# People whose candidates are counted at once. When full, counting begins anew: rates hold all the while.
_MOST_COUNTED = 256

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Relay:
    """Passes on what one participant sends, at their own rate and as fast as the other's can bear."""

    def __init__(self, door: "Door", grant: Grant) -> None:
        self._door = door
        self._grant = grant
        self._limits = door.limits.of(grant.identity)
        # To whom -> candidates since the last offer or answer.
        self._candidates: Counter[str] = Counter()

    def send(self, message: Relayed, to: str) -> None:
        """Pass a message on. The other's page must be reachable; whether it wants it is its own affair.

        Raises:
            RefusalError: over a rate, not to be trusted, for nobody who is here, or not theirs to send.
        """
        kind = type_of(message)
        if not self._limits.relays.allows():
            raise RefusalError(ErrorCode.TOO_MANY_MESSAGES, "slow down: this was not passed on", kind)
        self._require_right(message)
        check(message)
        receiver = self._receiver(to, kind)
        if not self._door.limits.of(receiver.grant.identity).relayed.allows():
            raise RefusalError(ErrorCode.TOO_MANY_MESSAGES, "they are sent too much already: try again soon", kind)
        self._count(message, to)
        receiver.tell(_passed_on(message, self._grant.participant_id))

    def _require_right(self, message: Relayed) -> None:
        room = self._door.rooms.get(self._grant.room_id)
        me = room.participants.get(self._grant.participant_id) if room is not None else None
        if me is None or me.rights.hidden or (isinstance(message, Offer) and not me.rights.publishes):
            raise RefusalError(ErrorCode.NOT_ALLOWED, "your token does not allow this", type_of(message))

    def _receiver(self, to: str, kind: str) -> "Presence":
        presence = self._door.presences.get(Identity(to, self._grant.room_id))
        is_shown = presence is not None and not presence.participant.rights.hidden
        if presence is None or not is_shown or presence.session is None or to == self._grant.participant_id:
            raise RefusalError(ErrorCode.NO_SUCH_PARTICIPANT, "nobody of that id can be reached here", kind)
        return presence

    def _count(self, message: Relayed, to: str) -> None:
        if not isinstance(message, Candidate):
            self._candidates.pop(to, None)
            return
        if len(self._candidates) > _MOST_COUNTED:
            self._candidates.clear()
        self._candidates[to] += 1
        if self._candidates[to] > MOST_CANDIDATES:
            raise RefusalError(
                ErrorCode.BAD_CANDIDATE, f"at most {MOST_CANDIDATES} candidates follow an offer or answer", "candidate"
            )


def check(message: Relayed) -> None:
    """See to it that a message is what its name says, as far as one can without being a browser. Pure.

    Raises:
        RefusalError: it is not.
    """
    if isinstance(message, Offer | RelayedAnswer):
        _check_sdp(message.sdp, type_of(message))
    elif isinstance(message, Candidate) and message.candidate is not None:
        _check_candidate(message.candidate)


def _check_sdp(sdp: str, kind: str) -> None:
    problem = ""
    if len(sdp) > LONGEST_SDP:
        problem = f"an SDP has at most {LONGEST_SDP} characters here"
    elif not sdp.startswith(("v=0\r\n", "v=0\n")) or _CONTROL.search(sdp):
        problem = "this is not an SDP: it begins with v=0 and has one line for each thing"
    elif sdp.count("\na=candidate:") > MOST_CANDIDATES:
        problem = f"an SDP has at most {MOST_CANDIDATES} candidates here"
    if problem:
        raise RefusalError(ErrorCode.BAD_OFFER, problem, kind)


def _check_candidate(candidate: IceCandidate) -> None:
    texts = (candidate.candidate, candidate.sdp_mid or "", candidate.username_fragment or "")
    # An empty one ends those of a generation (W3C WebRTC 1.0, section 4.8.1).
    is_one = candidate.candidate == "" or candidate.candidate.startswith("candidate:")
    is_clean = not any(len(text) > LONGEST_CANDIDATE or _CONTROL.search(text) or "\n" in text for text in texts)
    if not is_one or not is_clean or not 0 <= (candidate.sdp_m_line_index or 0) < 2**16:
        raise RefusalError(ErrorCode.BAD_CANDIDATE, "this is not a candidate", "candidate")


def _passed_on(message: Relayed, sender: str) -> Event:
    match message:
        case Offer():
            return OfferRelayed(sender=sender, sdp=message.sdp)
        case RelayedAnswer():
            return AnswerRelayed(sender=sender, sdp=message.sdp)
        case Candidate():
            return CandidateRelayed(sender=sender, candidate=message.candidate)
        case Hangup():
            return HungUp(sender=sender)
