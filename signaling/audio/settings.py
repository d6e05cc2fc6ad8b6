"""What can be set about audio sockets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """How much of what may wait, each way.

    Raises:
        ValueError: a value that cannot work; the message names it.
    """

    # Seconds by which a client's sound may be ahead of real time before it is heard no faster than that.
    ahead_s: float = 2.0
    # Seconds of raw sound that wait here to be heard, beyond that; with more, the client's socket is not read.
    buffer_s: float = 30.0
    # Milliseconds of sound that wait for a client that reads slowly; the oldest goes first.
    outbox_ms: int = 2_000
    # Largest message, in bytes: 1 s of stereo at 48 kHz and more. A larger one closes the socket with 1009.
    max_message_bytes: int = 256 * 1024
    # Clients at once whose sound comes as WAV, WebM or Ogg: each takes a thread. Others are closed with 1013.
    max_containers: int = 64

    def __post_init__(self) -> None:
        for name in ("ahead_s", "buffer_s", "outbox_ms", "max_message_bytes", "max_containers"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}, but it must be above 0")
