"""What decodes one speaker's packets: the system's libopus, or where there is none, FFmpeg's."""

from typing import Protocol

from media_server.analysis.ffmpeg import FfmpegCodec
from media_server.analysis.libopus import LibopusCodec
from media_server.libopus import library


class Codec(Protocol):
    """One speaker's decoder from Opus to 16 kHz mono s16le. Stateful: packets come in order, each loss told."""

    def decode(self, payload: bytes) -> bytes:
        """Decode a packet (not an empty one). Gives nothing if it is corrupt."""
        ...

    def conceal(self, samples: int) -> bytes:
        """Make up lost sound by going on with the last. Gives so many samples at most, in steps of what it can do."""
        ...

    def recover(self, payload: bytes, samples: int) -> bytes:
        """Give the packet lost just before this one, of so many samples, from what this one says of it.

        That is in-band FEC (RFC 6716 section 2.1.7); whoever cannot read it conceals.
        """
        ...


def new_codec() -> Codec:
    """Make the better one for one speaker."""
    return LibopusCodec() if library() is not None else FfmpegCodec()
