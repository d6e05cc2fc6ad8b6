"""Slots that get a packet together: `lanes.c` for those where nothing is out of the ordinary, one by one the others."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from media_server.packet import AudioPacket
from media_server.peer import outlet_failed
from media_server.recent import Recent
from media_server.rtc.native import ffi

if TYPE_CHECKING:
    from media_server.rtc.outlet import RtcOutlet


class RtcFan:
    """A `Fan` over slots of this node's browsers."""

    def __init__(
        self,
        outlets: "Sequence[RtcOutlet]",
        recent: Recent,
        *,
        compiled: Any | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`compiled` as `native.load` gives it."""
        self._outlets = outlets
        self._recent = recent
        self._compiled = compiled
        self._clock = clock
        count = len(outlets)
        # The outlets hold their lanes, and these two what they point to.
        self._lanes = ffi.new("struct lane *[]", [outlet.lane for outlet in outlets])
        self._refused = ffi.new("int32_t[]", count)
        self._fan = ffi.new("struct fan *", {"lanes": self._lanes, "count": count, "refused": self._refused})

    def forward(self, source: str, packet: AudioPacket) -> None:
        """Send one packet of a source to all of them. What one of them raises costs nobody else the packet."""
        if self._compiled is None:
            for outlet in self._outlets:
                self._forward_alone(outlet, source, packet)
            return
        fan, payload, name, now = self._fan, packet.payload, hash(source), self._clock()
        fan.refused_count = 0
        at, full = 0, -1
        while True:
            at = self._compiled.fan_out(
                fan, at, name, packet.sequence_number, packet.timestamp, payload, len(payload), now
            )
            if at in (fan.count, full):  # full again: nobody sends that batch any more, since the port is closed
                break
            full = at
            self._outlets[at].flush()
        if fan.failed:
            self._outlets[0].sink.failed(fan.failed)
            fan.failed = 0
        for index in ffi.unpack(self._refused, fan.refused_count):
            self._forward_alone(self._outlets[index], source, packet)
        self._outlets[0].sink.flush_soon()

    def _forward_alone(self, outlet: "RtcOutlet", source: str, packet: AudioPacket) -> None:
        try:
            outlet.carry(source, packet, self._recent)
        except Exception:  # a fault boundary: see the promise of `Outlet`
            outlet_failed(outlet)
