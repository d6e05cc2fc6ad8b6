"""What can be set about the door."""

import re
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from signaling.addresses import Addresses
from signaling.audio.settings import AudioSettings
from signaling.captions.settings import CaptionSettings
from signaling.hosting.settings import HostingSettings
from signaling.identity.settings import SHORTEST_SECRET, TokenSettings
from signaling.nodes.settings import NodeSettings
from signaling.transcripts.settings import TranscriptSettings
from signaling.webhooks.settings import WebhookSettings

DevTokens = Literal["never", "loopback", "always"]


class IceServer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A STUN or TURN server as a browser's `RTCPeerConnection` wants it (`RTCIceServer`)."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


# The host is a name, an IPv4 address, or an IPv6 address in brackets (RFC 7065).
_TURN_URL = re.compile(r"turns?:(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?(\?transport=(udp|tcp))?")
_SHORTEST_SECRET = 16
# Seconds by which clocks may differ: more would make expired tokens good.
_MOST_LEEWAY_S = 30
_LONGEST_LIFETIME_S = 24 * 3600
# With fewer nobody could come in at all.
_AT_LEAST_ONE = (
    "connections_per_address",
    "max_connections",
    "sockets_per_address",
    "sockets_per_identity",
    "request_burst",
    "key_request_burst",
)


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """A TURN server of one's own (infra/coturn), through which people come whose network lets no UDP out."""

    # As browsers want them: `turn:turn.example.org:3478`, `turn:turn.example.org:3478?transport=tcp`,
    # `turns:turn.example.org:443?transport=tcp`. Every browser is given all of them. Empty: no TURN server.
    urls: tuple[str, ...] = ()
    # What the TURN server has as `static-auth-secret`. Credentials are made of it; it is given to nobody.
    secret: str = field(default="", repr=False)
    # For how long a credential opens the TURN server, in seconds. A connection that stands outlives it.
    lifetime_s: int = 3600

    def __post_init__(self) -> None:
        for url in self.urls:
            if not _TURN_URL.fullmatch(url):
                raise ValueError(f"urls: {url!r} is not like turn:turn.example.org:3478?transport=udp")
        if self.urls and len(self.secret) < _SHORTEST_SECRET:
            raise ValueError(f"urls need a secret of at least {_SHORTEST_SECRET} characters, the TURN server's own")
        if not 0 < self.lifetime_s <= _LONGEST_LIFETIME_S:
            raise ValueError(f"lifetime_s must be from 1 to {_LONGEST_LIFETIME_S}")


@dataclass(frozen=True, slots=True)
class SignalingSettings:
    """Defaults that are safe on a network; what to relax is said by name."""

    # Where the page, the sockets and the REST interface are served. Port 0 lets the system choose.
    host: str = "127.0.0.1"
    port: int = 8080
    # Who gets a token without proving anything: nobody, whoever sits at this machine, or (for a demonstration on a
    # trusted network) everybody who reaches the page.
    dev_tokens: DevTokens = "loopback"
    # With which tokens are signed and verified: the same on every node, and for whoever else makes tokens. Empty, and
    # `tokens.secrets` too: one that is made up when this process starts and known to nobody, so that its tokens end
    # with it. With `tokens.secrets`, it only verifies tokens that name no key.
    token_secret: str = field(default="", repr=False)
    # Further keys: named ones, and public ones of somebody else who makes tokens.
    tokens: TokenSettings = field(default_factory=TokenSettings)
    # Origins (scheme://host:port) from which sockets and unsafe requests are taken besides the page's own.
    allowed_origins: tuple[str, ...] = ()
    # Addresses or networks of reverse proxies before this server, whose `X-Forwarded-For` is believed. Without it, all
    # who come through a proxy count as one address: the proxy's.
    trusted_proxies: tuple[str, ...] = ()
    # Addresses or networks to which the limits of an address do not apply: this machine, where people try things out.
    unlimited_addresses: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    # Connections of any kind from one address (a /64 of IPv6 is one), and of all together: more are closed at once.
    connections_per_address: int = 100
    max_connections: int = 4_000
    # Open WebSockets and event streams from one address, and WebSockets of one identity in a room: more are refused.
    sockets_per_address: int = 20
    sockets_per_identity: int = 5
    # REST requests and new sockets from one address: sustained, and at once. More are refused with 429.
    requests_per_second: float = 10.0
    request_burst: int = 100
    # REST requests with one API key, from wherever: sustained, and at once.
    key_requests_per_second: float = 50.0
    key_request_burst: int = 200
    # Given to every browser as they are. Empty: no third party is asked for anything; browsers reach the media port
    # without help, since that is where they are told.
    ice_servers: tuple[IceServer, ...] = ()
    # Sound by sockets, for clients without WebRTC.
    audio: AudioSettings = field(default_factory=AudioSettings)
    # Rooms: who waits, how many there may be, what becomes of them.
    hosting: HostingSettings = field(default_factory=HostingSettings)
    # TURN servers with time-limited credentials, given to every browser besides.
    turn: TurnSettings = TurnSettings()
    # Who is told what happens to rooms and participants.
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
    # Let browsers come through a TURN server only, so that nobody's address is seen by the media server, and nothing
    # but the TURN server by the browser.
    relay_only: bool = False
    # Seconds in which one must come in with a token that was made here, and after which the visit that began with it
    # ends, comings back included.
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
    # Joining, or joining again, by one identity: sustained, and at once. More is refused.
    joins_per_second: float = 0.5
    join_burst: int = 6
    # Seconds of silence after which a socket is asked whether it is there. One that does not answer for half as long
    # is broken: a lost client is noticed within one and a half times this.
    heartbeat_s: float = 8.0
    # Seconds for which a participant whose socket broke without a goodbye keeps their place. 0: none.
    grace_s: float = 30.0
    # Seconds to send complete request headers; also how long an idle connection is kept.
    header_deadline_s: float = 10.0
    # Seconds between opening a signaling socket and joining, and for answering one offer.
    join_deadline_s: float = 15.0
    answer_deadline_s: float = 10.0
    # Messages that may wait for one client. When full, interim captions go first (the oldest), then the client.
    outbox_size: int = 256
    # Committed clauses of a room that are shown to who comes late, or back: a minute of several people talking. When
    # full, the oldest goes. Fewer than `outbox_size`, so that all of them fit there at once.
    caption_history: int = 150
    # A caption whose speech ended longer ago than this is not shown any more, in milliseconds.
    caption_expiry_ms: int = 60_000
    # Who comes late, and streams of captions.
    captions: CaptionSettings = field(default_factory=CaptionSettings)
    # What is kept of what was said.
    transcripts: TranscriptSettings = field(default_factory=TranscriptSettings)
    # Seconds between two looks at how late the event loop runs.
    loop_check_s: float = 0.5
    # Working together with other nodes.
    nodes: NodeSettings = field(default_factory=NodeSettings)

    def __post_init__(self) -> None:
        if 0 < len(self.token_secret.encode()) < SHORTEST_SECRET:
            raise ValueError(f"token_secret must be at least {SHORTEST_SECRET} bytes long")
        self._check_token_times()
        Addresses(self.trusted_proxies, self.unlimited_addresses)
        for name in _AT_LEAST_ONE:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        for name in ("requests_per_second", "key_requests_per_second"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0")
        relays = (url for server in self.ice_servers for url in server.urls if url.startswith("turn"))
        if self.relay_only and not self.turn.urls and not any(relays):
            raise ValueError("relay_only needs a TURN server: set turn.urls and turn.secret")

    @property
    def has_token_keys(self) -> bool:
        """Whether tokens count beyond this process: a secret is set, or public keys are."""
        return bool(self.token_secret or self.tokens.secrets or self.tokens.has_jwks)

    def _check_token_times(self) -> None:
        if not 0 <= self.token_leeway_s <= _MOST_LEEWAY_S:
            raise ValueError(f"token_leeway_s is {self.token_leeway_s}, but it must be from 0 to {_MOST_LEEWAY_S}")
        for name in ("token_lifetime_s", "resume_lifetime_s"):
            if not 0 < getattr(self, name) <= self.tokens.longest_s:
                raise ValueError(f"{name} must be from 1 to tokens.longest_s, which is {self.tokens.longest_s}")
