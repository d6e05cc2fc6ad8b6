"""The grant that a socket lives by: watched until it ends."""

import asyncio
import time

from signaling.identity.grant import Grant
from signaling.identity.revocations import Revocations

EXPIRED = "token expired"
REVOKED = "token revoked"

# Seconds between two looks at the clock on the wall: the loop's own may stand still while a machine sleeps, and the
# wall's may be set.
_LOOK_S = 10.0


class Watch:
    """Holds the grant of one socket, which another token of the same person may extend."""

    def __init__(self, grant: Grant, revocations: Revocations, *, leeway_s: float = 0.0) -> None:
        self.grant = grant
        # EXPIRED or REVOKED once it is over.
        self.reason = ""
        self._revocations = revocations
        # As with coming in: clocks may differ by so much.
        self._leeway_s = leeway_s
        self._news = asyncio.Event()

    def renew(self, grant: Grant) -> None:
        """Go on by another grant of the same person with the same rights."""
        self.grant = grant
        self._news.set()

    async def ended(self) -> str:
        """Wait until the grant is over, and say why: EXPIRED or REVOKED. Cancelling costs nothing."""
        unwatch = self._revocations.watch(self._news.set)
        try:
            while not self.reason:
                self._news.clear()
                self.reason = self._look()
                if not self.reason:
                    await self._pause()
        finally:
            unwatch()
        return self.reason

    def _look(self) -> str:
        if self._revocations.ends(self.grant):
            return REVOKED
        return EXPIRED if self._left_s() <= 0 else ""

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(min(self._left_s(), _LOOK_S)):
                await self._news.wait()
        except TimeoutError:
            return

    def _left_s(self) -> float:
        ends_at = self.grant.expires_at
        return _LOOK_S if ends_at is None else ends_at + self._leeway_s - time.time()


async def until_ended(grant: Grant, revocations: Revocations, *, leeway_s: float = 0.0) -> str:
    """Wait until a grant is over, and say why in a few words: it expired, or its token was revoked."""
    return await Watch(grant, revocations, leeway_s=leeway_s).ended()
