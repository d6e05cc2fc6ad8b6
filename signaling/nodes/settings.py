"""What can be set about working together with other nodes."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_REDIS_SCHEMES = ("redis", "rediss", "unix")
_PREFIX = re.compile(r"[A-Za-z0-9:._{}-]{0,40}")
# Bytes: as for the key of tokens (RFC 7518 section 3.2).
_SHORTEST_SECRET = 32


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """One node alone needs none of this, and loads nothing of it."""

    # The Redis that all nodes share: `redis://host:6379/0`, `rediss://...` with TLS, `unix:///path`. A user and a
    # password may stand in it. Empty: this node is alone.
    redis_url: str = field(default="", repr=False)
    # Of that Redis, if the URL has none.
    redis_password: str = field(default="", repr=False)
    # In front of every key there: several Parleys may share one Redis.
    prefix: str = "parley:"
    # Where the other nodes reach this one's page port, `http://10.0.0.5:8080`. Empty: where it is served, which other
    # machines reach only if it is an address of its own.
    url: str = ""
    # With which nodes prove to each other that they are nodes, the same on all of them, at least 32 bytes. Empty: made
    # of `token_secret`.
    secret: str = field(default="", repr=False)
    # For how long a room is a node's without being renewed, how often it is renewed, and after how long without a good
    # renewal the node gives the room up by itself, in milliseconds.
    lease_ms: int = 4_000
    renew_ms: int = 1_000
    fence_ms: int = 3_000
    # How long one question to Redis, or to another node about Redis, may take, in milliseconds.
    answer_ms: int = 700
    # Seconds for which somebody who comes in waits for a room that no node can take yet, such as one whose node died.
    # Longer than a lease.
    hold_s: float = 5.5
    # How many may wait so at once; more are told at once to come again.
    holds: int = 512
    # Seconds for which a node keeps a room of which nobody wants anything any more.
    linger_s: float = 5.0
    # Seconds for which Redis remembers a room (its state, who was let in, its last captions) after its last change, and
    # one that was made to outlive its people.
    state_lifetime_s: int = 3_600
    kept_lifetime_s: int = 30 * 24 * 3_600

    def __post_init__(self) -> None:
        if self.redis_url and urlsplit(self.redis_url).scheme not in _REDIS_SCHEMES:
            raise ValueError("nodes.redis_url must be like redis://host:6379/0, rediss://... or unix:///path")
        if self.url and urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError("nodes.url must be like http://10.0.0.5:8080")
        if 0 < len(self.secret.encode()) < _SHORTEST_SECRET:
            raise ValueError(f"nodes.secret must be at least {_SHORTEST_SECRET} bytes long")
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError("nodes.prefix has at most 40 letters, digits, or one of : . _ - { }")
        if not 0 < self.answer_ms <= self.renew_ms:
            raise ValueError("nodes.answer_ms must be from 1 to renew_ms")
        # Two renewals may fail, and another node be asked, before a room is given up.
        if not 2 * self.renew_ms + self.answer_ms <= self.fence_ms < self.lease_ms:
            raise ValueError("nodes.fence_ms must be at least 2 * renew_ms + answer_ms, and less than lease_ms")
        if self.hold_s < 0 or self.holds < 1 or self.linger_s < 0:
            raise ValueError("nodes.hold_s and linger_s must not be negative, nor holds less than 1")
        if self.state_lifetime_s < 1 or self.kept_lifetime_s < 1:
            raise ValueError("nodes.state_lifetime_s and kept_lifetime_s must be at least 1")

    @property
    def gap_ms(self) -> int:
        """For how long nobody may have renewed anything before it counts as an outage, in milliseconds."""
        return self.renew_ms + (self.lease_ms - self.fence_ms) // 2
