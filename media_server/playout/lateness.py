"""Whether one speaker's voice in one language comes in time at all. Pure."""


class Lateness:
    """Counts the utterances in a row of which a clause had no voice in time.

    Workers may say they are healthy and yet deliver nothing. Were every new utterance muted again in the hope of a
    voice, a listener would hear almost nothing; so from `limit` on the path counts as paused until a voice has come.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._missed: set[str] = set()

    @property
    def late(self) -> bool:
        """Whether the path is to count as paused."""
        return len(self._missed) >= self._limit

    def missed(self, utterance_id: str) -> bool:
        """Note that a clause of this utterance had no voice in time; say whether `late` became true by it."""
        before = self.late
        if not before:
            self._missed.add(utterance_id)
        return self.late and not before

    def came(self) -> bool:
        """Note that a voice came in time; say whether `late` became false by it."""
        before = self.late
        self._missed.clear()
        return before
