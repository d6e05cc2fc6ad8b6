"""How long a speaker may be silent before their utterance is over."""

MARGIN_MS = 100
"""A pause should fit into the threshold with this much to spare."""
LEARN = 0.5
FORGET = 0.25


class Patience:
    """The silence threshold of one speaker, which follows their own pauses.

    After a pause of p ms that was not an end (speech went on within the utterance, or again less than `ceiling_ms`
    after it ended), with the goal g = min(p + 100, ceiling): threshold += 0.5 * (g - threshold), if g is above it.
    After an end that was one: threshold += 0.25 * (base - threshold).
    So short pauses change nothing, two long ones double the patience, and it is forgotten within a few utterances.
    """

    def __init__(self, base_ms: int, ceiling_ms: int) -> None:
        self._base = base_ms
        self._ceiling = ceiling_ms
        self._threshold = float(base_ms)

    @property
    def threshold_ms(self) -> float:
        """Silence that ends an utterance now."""
        return self._threshold

    def resumed(self, pause_ms: float) -> None:
        """Speech went on after a pause, however the pause was taken."""
        if pause_ms >= self._ceiling:
            self._threshold += FORGET * (self._base - self._threshold)
            return
        goal = min(pause_ms + MARGIN_MS, self._ceiling)
        if goal > self._threshold:
            self._threshold += LEARN * (goal - self._threshold)
