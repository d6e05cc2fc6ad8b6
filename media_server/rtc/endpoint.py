"""The node's end of all its browsers' connections."""

import asyncio
import functools
from types import TracebackType
from typing import Self

from media_server.rtc.fan import RtcFan
from media_server.rtc.handshakes import Handshakes
from media_server.rtc.peer import RtcPeer
from media_server.rtc.port import MediaPort
from media_server.rtc.privates import host_addresses
from media_server.rtc.settings import RtcSettings
from media_server.rtc.srtp import compiled


class RtcEndpoint:
    """The media port and the peers behind it. An async context manager, whose `new_peer` is a `PeerFactory`::

    async with RtcEndpoint(RtcSettings(port=7000)) as endpoint:
        rooms = Rooms(new_peer=endpoint.new_peer, ...)

    Leaving it closes the peers that are left, all at once and bounded as each is, and then the port.
    """

    def __init__(self, settings: RtcSettings | None = None) -> None:
        """Nothing is bound yet.

        Raises:
            ValueError: host or announce of the settings holds something other than IP addresses.
        """
        self.settings = settings or RtcSettings()
        self.port = MediaPort(
            host=self.settings.host,
            port=self.settings.port,
            announce=self.settings.announce,
            interfaces=host_addresses,
        )
        self.handshakes = Handshakes(self.settings.max_handshakes, self.settings.handshake_turn)
        self._new_fan = functools.partial(RtcFan, compiled=compiled())
        self._peers: set[RtcPeer] = set()

    async def __aenter__(self) -> Self:
        """Bind.

        Raises:
            OSError: the port is taken, or the host is not one of this machine's.
            ValueError: an announced address is of a family that is not open.
        """
        await self.port.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await asyncio.gather(*(peer.close() for peer in self._peers))
        finally:
            await self.port.__aexit__(kind, error, traceback)

    @property
    def peers(self) -> int:
        """How many connections there are, those that are closing included."""
        return len(self._peers)

    def new_peer(self) -> RtcPeer:
        """Make a connection for one browser, which waits for its offer."""
        peer = RtcPeer(
            self.port, self.settings, handshakes=self.handshakes, new_fan=self._new_fan, on_closed=self._peers.discard
        )
        self._peers.add(peer)
        return peer
