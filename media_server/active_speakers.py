"""Who is talking, as the room is told. Pure."""

from collections.abc import Mapping


class ActiveSpeakers:
    """Turns changing levels into few events: one when the set of those talking changes, and not too often."""

    def __init__(self, interval_s: float) -> None:
        """At least `interval_s` seconds lie between two events."""
        self._interval_s = interval_s
        # Those talking as last told, loudest first.
        self.told: tuple[str, ...] = ()
        self._told_at = float("-inf")

    def update(self, talking: Mapping[str, float], now: float) -> tuple[str, ...] | None:
        """Give those talking, loudest first, if the room is to be told; None if not. Levels are in dB."""
        if talking.keys() == set(self.told) or now - self._told_at < self._interval_s:
            return None
        self.told, self._told_at = tuple(sorted(talking, key=lambda speaker: (-talking[speaker], speaker))), now
        return self.told
