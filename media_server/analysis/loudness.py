"""How loud a speaker and their background usually are."""

QUIETEST = -90.0
"""dB below full scale that stand for digital silence."""
RISE, FALL = 0.3, 0.1
"""How fast the speaker's level follows: a part of the way up each frame, and dB down each frame (5 dB a second)."""
SOFTER = 6.0
"""dB below a softly spoken frame which are no pause yet."""
FOLLOW = 0.1
"""How fast the background's level follows, as a part of the way each frame."""


class Loudness:
    """Tells the pauses in speech at once, by level, which a speech model notices late."""

    def __init__(self, *, below_talk_db: float, above_noise_db: float) -> None:
        self._below_talk = below_talk_db
        self._above_noise = above_noise_db
        self.reset()

    def reset(self) -> None:
        """Forget the speaker."""
        self._talk = self._noise = QUIETEST

    def hear(self, level: float, *, speech: bool) -> bool:
        """Learn the level of a 20 ms frame (dB below full scale); return whether it is as loud as speech here.

        Args:
            level: the frame's.
            speech: whether it is said to be speech; a pause within speech may be.
        """
        level = max(level, QUIETEST)
        if not speech:
            self._noise += FOLLOW * (level - self._noise)
            return False
        if level > self._talk:
            self._talk += RISE * (level - self._talk)
        else:
            self._talk -= FALL
        return level > max(self._talk - self._below_talk, self._noise + self._above_noise)

    def soften(self, level: float) -> None:
        """Learn that a frame which is not loud is speech all the same: somebody lowered their voice."""
        self._talk = min(self._talk, level + self._below_talk - SOFTER)
        self._noise = min(self._noise, level - self._above_noise - SOFTER)
