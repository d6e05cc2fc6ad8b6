"""Tokens that count no more although their time is not over."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import NamedTuple, Protocol

import structlog
from prometheus_client import Gauge

from signaling.background import running
from signaling.identity.grant import Grant

REVOKED = Gauge("parley_tokens_revoked", "Tokens that are refused until their time is over")

# Revocations remembered, about 200 bytes each. When full, no more are taken: to forget one would open a door again.
_MOST = 65_536
# Seconds between two looks at what other nodes revoked, in case their word got lost: with the look, that a token ends
# within 30 s on every node is kept.
_LOOK_S = 10.0
# Seconds after which a store that failed is tried again.
_RETRY_S = 1.0

_log = structlog.get_logger(__name__)


class Revocation(NamedTuple):
    """One token that counts no more."""

    # Its `jti`; or a fingerprint, where it has none.
    token_id: str
    # Epoch seconds until which it must be remembered: afterwards the token is over anyway.
    until: float


class RevocationStore(Protocol):
    """Where revocations are kept for all nodes. Both verbs may be called again after they failed, in any order."""

    async def add(self, revocation: Revocation) -> None:
        """Keep one, for all nodes and over restarts, until its time is over.

        Raises:
            OSError: the store cannot be reached.
        """

    async def all(self) -> Iterable[Revocation]:
        """Give all that are kept.

        Raises:
            OSError: the store cannot be reached.
        """


class RevocationsFullError(Exception):
    """There is no room for one more; nothing was revoked."""

    def __str__(self) -> str:
        return f"{_MOST} tokens are revoked already: change the secret instead, and all of its tokens end"


class Revocations:
    """What this node knows of. Asking is a look into memory; telling other nodes is a task's work, see `shared`."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        # Until when, by token id.
        self._until: dict[str, float] = {}
        self._watchers: set[Callable[[], None]] = set()
        # What the other nodes were not told yet, by token id; a part of what is remembered.
        self._untold: dict[str, Revocation] = {}
        self._news = asyncio.Event()
        # Whether there are other nodes to be told.
        self._is_shared = False

    def revoke(self, token_id: str, until: float) -> None:
        """End a token now, here and soon on every node.

        Raises:
            RevocationsFullError: too many are revoked.
        """
        revocation = Revocation(token_id, until)
        if not self._remember(revocation):
            raise RevocationsFullError
        if self._is_shared:
            self._untold[token_id] = revocation
            self._news.set()
        self._tell()

    def adopt(self, revocations: Iterable[Revocation]) -> None:
        """Hear what another node revoked. What does not fit is left out, and logged."""
        fitted = [self._remember(each) for each in revocations if self._until.get(each.token_id, 0.0) < each.until]
        if not all(fitted):
            _log.error("revocations_full", left_out=fitted.count(False))
        if any(fitted):
            self._tell()

    def is_revoked(self, token_id: str) -> bool:
        """Whether a token has been revoked."""
        return self._until.get(token_id, 0.0) > self._now()

    def ends(self, grant: Grant) -> bool:
        """Whether a grant is over because its token, or the one its visit began with, has been revoked."""
        return any(map(self.is_revoked, grant.revocable_ids))

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back whenever something was revoked, here or elsewhere; what is returned ends that. Must not raise."""
        self._watchers.add(callback)
        return lambda: self._watchers.discard(callback)

    @contextlib.asynccontextmanager
    async def shared(self, store: RevocationStore) -> AsyncIterator[None]:
        """Share with other nodes while the block runs: at its start, when told so by `adopt`, and every 10 s anyway.

        While the store cannot be reached, what was revoked here is told later, and what was revoked elsewhere is
        heard later.
        """
        self._is_shared = True
        try:
            async with running(self._keep_up(store), name="revocations"):
                yield
        finally:
            self._is_shared = False

    async def _keep_up(self, store: RevocationStore) -> None:
        while True:
            self._news.clear()
            try:
                for token_id, revocation in list(self._untold.items()):
                    await store.add(revocation)
                    self._untold.pop(token_id, None)
                self.adopt(await store.all())
            except OSError as error:
                _log.warning("revocations_not_shared", error=type(error).__name__, untold=len(self._untold))
                await asyncio.sleep(_RETRY_S)
                continue
            except Exception:  # a fault boundary: a store that breaks must not end the sharing for good
                _log.exception("revocations_not_shared", untold=len(self._untold))
                await asyncio.sleep(_RETRY_S)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._news.wait()

    def _remember(self, revocation: Revocation) -> bool:
        if revocation.token_id not in self._until and len(self._until) >= _MOST:
            self._forget_the_past()
            if len(self._until) >= _MOST:
                return False
        self._until[revocation.token_id] = max(revocation.until, self._until.get(revocation.token_id, 0.0))
        REVOKED.set(len(self._until))
        return True

    def _forget_the_past(self) -> None:
        now = self._now()
        self._until = {token_id: until for token_id, until in self._until.items() if until > now}

    def _tell(self) -> None:
        for callback in list(self._watchers):
            callback()
