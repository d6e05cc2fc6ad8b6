"""How much sound comes at once from who sends it in messages rather than packets. Pure."""

SAME_S = 0.03
"""What arrives this soon after the last came with it, as one message."""
LONGEST_S = 1.0
"""However much comes at once, more than this is not waited for."""


class Burst:
    """The sound that came at once lately: until as much time has passed, nothing is missing."""

    def __init__(self) -> None:
        # Seconds of sound.
        self.length_s = 0.0
        self._at = float("-inf")

    def add(self, length_s: float, arrived: float) -> None:
        """Note so much sound that arrived at this time (monotonic seconds)."""
        goes_on = arrived - self._at < SAME_S
        self.length_s = min(LONGEST_S, self.length_s + length_s if goes_on else length_s)
        self._at = arrived

    def reset(self) -> None:
        """Forget it: a stream begins."""
        self.length_s = 0.0
