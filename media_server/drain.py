"""How long a node that was told to stop waits for what is being said."""

VOICES_S = 4.0
"""Of the time there is, what is kept for the voices of those who talk on: the last clause lasts at most so long."""


class Drain:
    """The time in which utterances come to their end, and then their voices. Pure; `now` is monotonic seconds."""

    def __init__(self, now: float, limit_s: float) -> None:
        """Begin now, and be over after `limit_s`."""
        self._over_at = now + limit_s
        # A short limit is shared half and half.
        self._cut_at = self._over_at - min(VOICES_S, limit_s / 2)

    def cuts(self, now: float) -> bool:
        """Whether who still talks is cut short, so that what they have said until now is heard in every language."""
        return now >= self._cut_at

    def over(self, now: float) -> bool:
        """Whether nothing is waited for any more."""
        return now >= self._over_at
