"""The ICE servers of one participant: those that are set, and TURN servers with a credential for a limited time."""

import base64
import hashlib
import hmac
import time

from signaling.settings import IceServer, SignalingSettings


class IceServers:
    """What one participant's page is given, again when half of its life is over."""

    def __init__(self, settings: SignalingSettings, participant_id: str) -> None:
        self._settings = settings
        self._participant_id = participant_id
        # Epoch seconds until which what was given last will do; nothing was given yet.
        self._fresh_until = 0.0

    def give(self) -> tuple[IceServer, ...]:
        """Give the servers for a connection that is made soon."""
        turn = self._settings.turn
        if not turn.urls:
            return self._settings.ice_servers
        now = time.time()
        self._fresh_until = now + turn.lifetime_s / 2
        username, password = credential(turn.secret, self._participant_id, int(now) + turn.lifetime_s)
        return (*self._settings.ice_servers, IceServer(urls=turn.urls, username=username, credential=password))

    def are_stale(self) -> bool:
        """Whether the page should be given others."""
        return bool(self._settings.turn.urls) and time.time() > self._fresh_until


def credential(secret: str, user: str, expires_at: int) -> tuple[str, str]:
    """Make a time-limited credential, as username and password (draft-uberti-behave-turn-rest-00, section 2.2).

    The TURN server, which has the same secret, takes it until `expires_at` (epoch seconds by its own clock) and needs
    no list of users. It looks at the time when an allocation is made; what was allocated may be kept longer.

    Args:
        secret: coturn's `static-auth-secret`.
        user: by whom the TURN server counts quotas; without a colon.
        expires_at: epoch seconds.
    """
    username = f"{expires_at}:{user}"
    # SHA-1 is what the draft and coturn have; what is asked of it here, a keyed hash, it still does.
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()
