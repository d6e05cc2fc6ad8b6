"""Where one source's packets go."""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from media_server.packet import AudioPacket
from media_server.peer import Fan, Outlet, outlet_failed
from media_server.recent import Recent


class FanOut:
    """The outlets that carry a speaker's floor, or a voice. Those that can be are sent to together."""

    __slots__ = ("_alone", "_fans", "_outlets", "_recent")

    def __init__(self, outlets: Sequence[Outlet] = ()) -> None:
        self._recent = Recent()
        self._outlets: tuple[Outlet, ...] = ()
        self._fans: tuple[Fan, ...] = ()
        self._alone: tuple[Outlet, ...] = ()
        self.outlets = outlets

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """Who hears the next packet."""
        return self._outlets

    @outlets.setter
    def outlets(self, outlets: Sequence[Outlet]) -> None:
        outlets = tuple(outlets)
        if outlets == self._outlets:
            return
        self._outlets = outlets
        self._fans, self._alone = self._grouped(outlets)

    def forward(self, source: str, packet: AudioPacket) -> None:
        """Send one packet of a source to all of them. Never blocks, never raises."""
        if self._fans:
            self._recent.keep(source, packet)
            for fan in self._fans:
                fan.forward(source, packet)
        if self._alone:
            forward_each(source, packet, self._alone)

    def forward_to_newcomers(self, source: str, packet: AudioPacket, before: Collection[Outlet]) -> None:
        """Send the packet that was forwarded last to those as well who were not among the outlets then."""
        newcomers = tuple(outlet for outlet in self._outlets if outlet not in before)
        fans, alone = self._grouped(newcomers)
        self._recent.keep(source, packet)
        for fan in fans:
            fan.forward(source, packet)
        forward_each(source, packet, alone)

    def _grouped(self, outlets: Sequence[Outlet]) -> tuple[tuple[Fan, ...], tuple[Outlet, ...]]:
        """Put together those that can be sent to together; give the others as they are."""
        fans: list[Fan] = []
        alone: list[Outlet] = []
        for new_fan, some in groupby(sorted(outlets, key=_kind), key=lambda outlet: outlet.new_fan):
            if new_fan is None:
                alone.extend(some)
            else:
                fans.append(new_fan(tuple(some), self._recent))
        return tuple(fans), tuple(alone)

    def flush(self) -> None:
        """Let what was forwarded leave now."""
        if self._outlets:
            self._outlets[0].flush()


def forward_each(source: str, packet: AudioPacket, outlets: Iterable[Outlet]) -> None:
    """Send one packet of a source to many, one by one. What one of them raises costs nobody else the packet."""
    for outlet in outlets:
        try:
            outlet.forward(source, packet)
        except Exception:  # a fault boundary: see the promise of `Outlet`
            outlet_failed(outlet)


def _kind(outlet: Outlet) -> int:
    return id(outlet.new_fan)
