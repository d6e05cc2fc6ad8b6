"""Browsers that are not there: a Peer and its Outlets that record what a room does with them.

`FakePeer` itself is a `PeerFactory`; to have the peers at hand use `FakePeers`, which remembers those it made::

    peers = FakePeers()
    rooms = Rooms(new_peer=peers, ...)
    ...
    await participant.answer("offer")           # outlets exist, state is CONNECTED
    peers.made[0].hear(packet)                  # this browser's microphone
    peers.made[1].outlets[0].sounds             # what that browser was sent: [("source", packet), None for a rest, ...]
"""

from collections.abc import Callable

from media_server.packet import AudioPacket
from media_server.peer import FanFactory, IceCandidate, LinkFigures, OfferError, PeerState, Sent


class FakeOutlet:
    """One outgoing slot. Nothing is sent; everything is written down, in order."""

    def __init__(self, mid: str) -> None:
        self.mid = mid
        self.new_fan: FanFactory | None = None
        # (source, packet) for each forward, None for each rest that ended a talk spurt.
        self.sounds: list[tuple[str, AudioPacket] | None] = []
        # How often rest() was called, also when at rest already.
        self.rests = 0
        # Whether the browser is there, so that it can tell when a packet sounds.
        self.is_open = True

    @property
    def sent(self) -> Sent:
        packets = [packet for _, packet in self.forwarded]
        timestamp = packets[-1].timestamp if packets and self.is_open else None
        return Sent(len(packets), sum(len(packet.payload) for packet in packets), timestamp)

    def forward(self, source: str, packet: AudioPacket) -> None:
        self.sounds.append((source, packet))

    def flush(self) -> None:
        """Nothing waits here."""

    def rest(self) -> None:
        self.rests += 1
        if self.sounds and self.sounds[-1] is not None:
            self.sounds.append(None)

    @property
    def forwarded(self) -> list[tuple[str, AudioPacket]]:
        """What was forwarded, rests left out."""
        return [sound for sound in self.sounds if sound is not None]

    @property
    def payloads(self) -> list[bytes]:
        """The payloads that were forwarded, in order."""
        return [packet.payload for _, packet in self.forwarded]

    @property
    def sources(self) -> list[str]:
        """The sources in the order of their first packet after another source or a rest."""
        sources: list[str] = []
        previous: str | None = None
        for sound in self.sounds:
            source = None if sound is None else sound[0]
            if source is not None and source != previous:
                sources.append(source)
            previous = source
        return sources

    @property
    def resting(self) -> bool:
        """Whether nothing was sent yet, or the last thing sent was a rest."""
        return not self.sounds or self.sounds[-1] is None


class FakePeer:
    """A browser with a microphone and `slots` outlets, whose mids are "1", "2", ... ("0" is the microphone).

    With `connects=False` it stays CONNECTING after `answer` until the test calls `connect()`.
    An offer of "bad" raises OfferError, as does the candidate line "bad".
    """

    def __init__(self, *, slots: int = 8, connects: bool = True) -> None:
        self.state = PeerState.NEW
        self.outlets: tuple[FakeOutlet, ...] = ()
        self.on_packet: Callable[[AudioPacket], None] = _ignore_packet
        self.on_state: Callable[[PeerState], None] = _ignore_state
        self.slots = slots
        self.connects = connects
        self.figures = LinkFigures()
        # What came in, for tests to look at.
        self.offers: list[str] = []
        self.candidates: list[IceCandidate | None] = []
        # How often `close` was called, and what `on_packet` raised.
        self.closes = 0
        self.raised: list[Exception] = []

    async def answer(self, offer: str) -> str:
        if offer == "bad":
            raise OfferError("the offer is bad")
        if self.state is not PeerState.NEW:
            raise OfferError("the offer was answered already")
        self.offers.append(offer)
        self.outlets = tuple(FakeOutlet(str(index + 1)) for index in range(self.slots))
        self._go(PeerState.CONNECTING)
        if self.connects:
            self.connect()
        return f"answer to {offer}"

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        if candidate is not None and candidate.candidate == "bad":
            raise OfferError("the candidate is bad")
        self.candidates.append(candidate)

    async def close(self) -> None:
        self.closes += 1
        self._go(PeerState.CLOSED)

    # What tests do with it.

    def connect(self) -> None:
        """Let the browser's connection come up."""
        if self.state is PeerState.CONNECTING:
            self._go(PeerState.CONNECTED)

    def lose(self) -> None:
        """Let the browser go away without a word."""
        self._go(PeerState.CLOSED)

    def hear(self, packet: AudioPacket) -> None:
        """Let a packet come from the microphone; what `on_packet` raises costs that packet only, as in the real one."""
        if self.state is not PeerState.CONNECTED:
            return
        try:
            self.on_packet(packet)
        except Exception as error:  # the fault boundary that the contract promises
            self.raised.append(error)

    def _go(self, state: PeerState) -> None:
        if state is not self.state and self.state is not PeerState.CLOSED:
            self.state = state
            self.on_state(state)


class FakePeers:
    """A PeerFactory that remembers the peers it made."""

    def __init__(self, *, slots: int = 8, connects: bool = True) -> None:
        self.slots = slots
        self.connects = connects
        self.made: list[FakePeer] = []

    def __call__(self) -> FakePeer:
        peer = FakePeer(slots=self.slots, connects=self.connects)
        self.made.append(peer)
        return peer


def _ignore_packet(packet: AudioPacket) -> None:
    """Until a room listens."""


def _ignore_state(state: PeerState) -> None:
    """Until a room listens."""
