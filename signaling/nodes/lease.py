"""Which rooms this node may serve, decided by what it knows and when: no clock, no network.

A lease is a key in Redis that lives for `lease_ms`. Its owner knows when it *sent* a renewal that was answered well, so
the key lives for `lease_ms` from then on at least. It gives the room up `fence_ms` after that moment, before the key
can be gone and another node can have taken it. Only one thing keeps it longer: that Redis is out of reach for
everybody, since then nobody can take anything, and after its return Redis lets nobody take anything for one lease
(`scripts.py`).

That it is out of reach is known by what failed: a question that was not answered in its time. It does not count if this
process stood still meanwhile (a question that failed long after its time; a pause between two looks at the clock), nor
if another node says that it reaches Redis: then it is this node alone that is cut off.

Not covered: a node that reaches neither Redis nor any other node, while its people still reach it.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Claim(NamedTuple):
    """A room that this node has taken."""

    room_id: str
    # What stands in the lease; nobody else's ever is the same.
    value: str
    # Greater than that of every earlier claim of the room, by whichever node: the fencing token.
    generation: int


class _Held:
    __slots__ = ("claim", "good_at")

    def __init__(self, claim: Claim, good_at: float) -> None:
        self.claim = claim
        # When the last renewal that was answered well was sent.
        self.good_at = good_at


class Leases:
    """The claims of one node. All times are seconds of one monotonic clock."""

    def __init__(self, *, fence_s: float, answer_s: float, stall_s: float) -> None:
        """How long a claim holds by itself, how long a question may take, and which pause means that we stood still."""
        self._fence_s = fence_s
        self._answer_s = answer_s
        self._stall_s = stall_s
        self._held: dict[str, _Held] = {}
        # When a question to Redis was last seen to fail, None since one was answered, or since we stood still.
        self._failed_at: float | None = None
        # When another node was last asked that then said it reaches Redis.
        self._witnessed_at: float | None = None
        self._ticked_at: float | None = None

    def __len__(self) -> int:
        return len(self._held)

    def claims(self) -> list[Claim]:
        """Give what is held, in no order that matters."""
        return [held.claim for held in self._held.values()]

    def claim_of(self, room_id: str) -> Claim | None:
        """Give the claim of a room, whether it may still be served or not."""
        held = self._held.get(room_id)
        return None if held is None else held.claim

    def taken(self, claim: Claim, sent_at: float) -> None:
        """Hear that a claim, asked for at `sent_at`, was granted."""
        self._held[claim.room_id] = _Held(claim, sent_at)
        self._failed_at = None

    def renewed(self, claims: Iterable[Claim], sent_at: float) -> None:
        """Hear that these were renewed by a question sent at `sent_at`; answers may come in another order."""
        self._failed_at = None
        for claim in claims:
            held = self._held.get(claim.room_id)
            if held is not None and held.claim == claim:
                held.good_at = max(held.good_at, sent_at)

    def drop(self, claim: Claim) -> bool:
        """Hold a claim no more. False if it was not held any more."""
        held = self._held.get(claim.room_id)
        if held is None or held.claim != claim:
            return False
        del self._held[claim.room_id]
        return True

    def failed(self, sent_at: float, now: float) -> None:
        """Hear that a question to Redis was not answered, or refused.

        Heard long after its time it says nothing about Redis: it was we who stood still.
        """
        if now - sent_at <= self._answer_s + self._stall_s:
            self._failed_at = now

    def witnessed(self, asked_at: float) -> None:
        """Hear that another node, asked at that time, reaches Redis."""
        self._witnessed_at = asked_at if self._witnessed_at is None else max(self._witnessed_at, asked_at)

    def serves(self, room_id: str, now: float) -> bool:
        """Whether this node may serve a room at this moment."""
        held = self._held.get(room_id)
        return held is not None and self._stands(held, now)

    def tick(self, now: float) -> list[Claim]:
        """Look at the clock: give, and hold no more, what must be given up now. To be called all the time."""
        if self._stood_still(now):
            self._failed_at = None
        self._ticked_at = now
        over = [held.claim for held in self._held.values() if not self._stands(held, now)]
        for claim in over:
            del self._held[claim.room_id]
        return over

    def _stands(self, held: _Held, now: float) -> bool:
        if now - held.good_at < self._fence_s:
            return True
        if self._failed_at is None or self._stood_still(now):
            return False
        if now - self._failed_at > self._fence_s:
            return False  # nobody has asked since
        return self._witnessed_at is None or self._witnessed_at <= held.good_at

    def _stood_still(self, now: float) -> bool:
        return self._ticked_at is not None and now - self._ticked_at > self._stall_s
