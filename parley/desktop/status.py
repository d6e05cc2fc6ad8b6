"""The line below the captions: what is not right, or something to know for a moment. Pure: times are given."""

from parley.desktop.session import Part

NOTE_S = 6.0
"""For how long something to know is shown."""


class Status:
    """What each part is in trouble with, and the last note."""

    def __init__(self) -> None:
        # In the order in which they are worth saying.
        self._troubles: dict[Part, str] = {"captions": "Connecting ...", "sound": "", "microphone": ""}
        self._note = ""
        self._noted_at = 0.0
        self.is_paused = False

    def trouble(self, part: Part, words: str) -> None:
        """Take what keeps a part from working, which is worth more than any note; no words: it works."""
        self._troubles[part] = words
        if words:
            self._note = ""

    def note(self, words: str, now: float) -> None:
        """Take something to know."""
        self._note, self._noted_at = words, now

    def words(self, now: float) -> str:
        """Give what is to be shown; empty: all is well."""
        if now - self._noted_at < NOTE_S and self._note:
            return self._note
        trouble = next((words for words in self._troubles.values() if words), "")
        if trouble:
            return trouble
        return "Paused. `resume` listens again." if self.is_paused else ""

    def changes_in(self, now: float) -> float | None:
        """Give the seconds until the note goes; None: there is none."""
        left = self._noted_at + NOTE_S - now
        return left if self._note and left > 0 else None
