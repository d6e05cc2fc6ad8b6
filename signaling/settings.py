"""What can be set about the door."""

from dataclasses import dataclass
from typing import Literal

import msgspec

DevTokens = Literal["never", "loopback", "always"]


class IceServer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A STUN or TURN server as a browser's `RTCPeerConnection` wants it (`RTCIceServer`)."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class SignalingSettings:
    """Defaults that are safe on a network; what to relax is said by name."""

    # Where the page, the sockets and the REST interface are served. Port 0 lets the system choose.
    host: str = "127.0.0.1"
    port: int = 8080
    # Who gets a token without proving anything: nobody, whoever sits at this machine, or (for a demonstration on a
    # trusted network) everybody who reaches the page.
    dev_tokens: DevTokens = "loopback"
    # Origins (scheme://host:port) from which sockets and unsafe requests are taken besides the page's own.
    allowed_origins: tuple[str, ...] = ()
    # Given to every browser. Empty: direct connections to the server only, no third party is asked for anything.
    ice_servers: tuple[IceServer, ...] = ()
    # Life of a token with which to join, and of one with which a participant of a call may come back, in seconds.
    token_lifetime_s: int = 600
    resume_lifetime_s: int = 12 * 3600
    # By how much the clocks of who issues and who verifies may differ, in seconds.
    token_leeway_s: int = 10
    # Largest request body and WebSocket message, in bytes. A larger one closes the socket with 1009.
    max_message_bytes: int = 64 * 1024
    # Messages taken from one socket: sustained, and at once. More are refused, and then the socket is closed.
    messages_per_second: float = 50.0
    message_burst: int = 100
    # Messages from one socket that make the room reconsider what everybody hears: sustained, and at once. More are
    # refused: what they cost grows with the room.
    changes_per_second: float = 2.0
    change_burst: int = 10
    # Refused messages after which a socket is closed, and how many of them are forgiven a second.
    strikes: int = 20
    strikes_forgiven_per_second: float = 0.1
    # Seconds between pings. A client that leaves one unanswered for half as long is gone.
    heartbeat_s: float = 15.0
    # Seconds to send complete request headers; also how long an idle connection is kept.
    header_deadline_s: float = 10.0
    # Seconds between opening a signaling socket and joining, and for answering one offer.
    join_deadline_s: float = 15.0
    answer_deadline_s: float = 10.0
    # Messages that may wait for one client. When full, interim captions go first (the oldest), then the client.
    outbox_size: int = 256
    # Committed clauses of a room that late joiners are shown. When full, the oldest goes.
    caption_history: int = 50
    # A caption whose speech ended longer ago than this is not shown any more, in milliseconds.
    caption_expiry_ms: int = 60_000
    # Seconds between two looks at how late the event loop runs.
    loop_check_s: float = 0.5
