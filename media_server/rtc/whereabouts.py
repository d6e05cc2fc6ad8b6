"""Where a browser is: whether to follow it to another address without being told to. Pure.

A NAT on the way may forget a connection and let it go on from another port. Chromium's checks nominate with every
request, so ICE follows by itself; clients that nominate once would be sent to where they no longer are, until consent
ends after half a minute. So whoever asks from a new place, and not from the nominated one any more, has moved.
"""

from media_server.rtc.demux import Address

# Without a request from the nominated address for so long, in seconds. Chromium asks there every 2.5 s, and now and
# then from others as well; who asks every 5 s (RFC 7675) is followed with the first request from the new place.
SILENT_S = 3.0


class Whereabouts:
    """Notes when one browser's requests came from which address: as many as `demux` allows it."""

    def __init__(self) -> None:
        # Address -> when the last request came, in seconds of some clock.
        self._asked: dict[Address, float] = {}

    def moved(self, address: Address, nominated: Address | None, now: float) -> bool:
        """Note an authentic request, and say whether to send to where it came from instead of the nominated address."""
        self._asked[address] = now
        if nominated is None or nominated == address:
            return False
        return now - self._asked.get(nominated, now) > SILENT_S
