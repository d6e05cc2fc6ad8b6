"""What can be set of the node's media connections."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RtcSettings:
    """Where the node's media port is and how much a browser may ask of it."""

    # UDP port of all media of this node, the same for IPv4 and IPv6. 0: any free one.
    port: int = 0

    # Address to bind. None: every interface, IPv4 and IPv6; "0.0.0.0" or "::": every interface of one family.
    host: str | None = None

    # Addresses that browsers are told to send to. Behind a NAT or in a container: the public ones, with the same UDP
    # port forwarded. Empty: the bound address, or if that is every interface, all of this host's and loopback.
    announce: tuple[str, ...] = ()

    # Opus bits per second that browsers are asked to stay below (`maxaveragebitrate`, RFC 7587 section 6.1).
    opus_bitrate: int = 32_000

    # Whether browsers are asked to send almost nothing while their user is silent (`usedtx`).
    opus_dtx: bool = True

    # Largest SDP offer, in bytes of UTF-8.
    max_offer_bytes: int = 65_536

    # Most m-lines of an offer: the microphone and the slots.
    max_sections: int = 16

    # Most ICE candidates of one peer, those in the offer and those that trickle in together.
    max_candidates: int = 64

    # Most RTP sources (SSRCs) that one peer may send from over its life; one more ends the connection.
    max_sources: int = 8

    # Most DTLS datagrams that wait for one peer's handshake; further ones are dropped.
    max_waiting: int = 512

    # Most DTLS handshakes at the same time on this node; further ones wait for their turn.
    max_handshakes: int = 20

    # Seconds after which a handshake that has not come to an end does not count any more.
    handshake_turn: float = 3.0

    # Seconds from the answer until the connection must stand; then it is closed.
    connect_deadline: float = 15.0

    # Seconds that closing may take before what hangs is abandoned. The contract of `Peer.close` is 5.
    close_deadline: float = 4.0
