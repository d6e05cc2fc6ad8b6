"""What one provider calls things on its WebSocket."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pipeline.engines.transcriber import Hypothesis

Message = bytes | Mapping[str, Any]
"""What is sent: bytes as they are, anything else as JSON."""

PIECE_BYTES = 8_000
"""Sound goes out in pieces of at most 250 ms (16 kHz mono s16le)."""


class Dialect(Protocol):
    """One utterance in one provider's words. No I/O: it says what to send, and is given what came.

    What its methods return is sent in the order of the calls.
    """

    @property
    def path(self) -> str:
        """Where the WebSocket is opened, under the provider's base address."""
        ...

    @property
    def query(self) -> Sequence[tuple[str, str]]:
        """With which parameters."""
        ...

    @property
    def hypothesis(self) -> Hypothesis:
        """The words so far."""
        ...

    @property
    def flushed(self) -> bool:
        """Whether the words for all sound given so far are there."""
        ...

    @property
    def ended(self) -> bool:
        """Whether the provider said, after `end`, that nothing more will come."""
        ...

    def sound(self, pcm: bytes) -> Sequence[Message]:
        """Say how to send some sound: whole samples, 16 kHz mono s16le."""
        ...

    def flush(self) -> Sequence[Message]:
        """Say how to ask for the words of all sound so far; nothing, if they are there."""
        ...

    def end(self) -> Sequence[Message]:
        """Say how to end."""
        ...

    def keep_alive(self) -> Sequence[Message]:
        """Say how to hold the line while there is no sound."""
        ...

    def take(self, message: Mapping[str, Any]) -> None:
        """Take what the provider said.

        Raises:
            EngineError: it is an error, or makes no sense.
        """
        ...


def pieces(pcm: bytes) -> list[bytes]:
    """Cut sound into pieces of at most `PIECE_BYTES`."""
    return [pcm[at : at + PIECE_BYTES] for at in range(0, len(pcm), PIECE_BYTES)]
