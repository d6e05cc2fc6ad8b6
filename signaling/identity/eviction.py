"""Who leaves when a token is revoked although no socket is there to be closed: those whose page is away."""

import asyncio
import contextlib
from collections.abc import Iterator

from media_server.close_reason import CloseReason
from signaling.door import Door


@contextlib.contextmanager
def evicting(door: Door) -> Iterator[None]:
    """While the block runs, put out at once whose token is revoked while their place is kept; sound may still flow.

    Where the token ends by itself meanwhile, the time for which a place is kept bounds it (`grace_s`).
    """

    def evict() -> None:
        for presence in list(door.presences.values()):
            if presence.session is None and door.revocations.ends(presence.grant):
                door.keep(asyncio.create_task(presence.leave(CloseReason.REMOVED), name="token-revoked"))

    unwatch = door.revocations.watch(evict)
    try:
        yield
    finally:
        unwatch()
