"""Keeping silence away from a provider that would take it for the beginning of speech. Pure."""

from pipeline.engines.silence import is_silent

LEAD_BYTES = 16_000
"""Sound that is kept from before somebody speaks: 500 ms of 16 kHz mono s16le. Older sound is dropped."""


class Gate:
    """Opens with the first chunk in which there may be speech, and then stays open until it is shut."""

    def __init__(self) -> None:
        self._held = b""
        self.is_open = False

    def pass_on(self, pcm: bytes) -> bytes:
        """Take a chunk of whole samples; give what is to be sent: nothing, or the chunk with its lead."""
        if self.is_open:
            return pcm
        held = self._held + pcm
        if is_silent(pcm):
            self._held = held[-LEAD_BYTES:]
            return b""
        # Nobody knows where in a chunk somebody begins to speak: it goes on whole.
        self.is_open, self._held = True, b""
        return held

    def shut(self) -> None:
        """Wait for speech again."""
        self.is_open = False
