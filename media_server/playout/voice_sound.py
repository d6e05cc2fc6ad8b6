"""How what a player sends sounds, for microphones in which it may be heard again."""

from media_server.analysis.codec import Codec, new_codec
from media_server.analysis.settings import FRAME_MS
from media_server.analysis.spectrum import SILENCE, Bands, bands_of
from media_server.analysis.trace import Trace
from pipeline.messages.audio_chunk import BYTES_PER_MS

_FRAME_BYTES = FRAME_MS * BYTES_PER_MS


def new_voice_trace() -> Trace:
    """Give the trace of voices that are played one after the other, of 20 ms Opus packets.

    They are decoded when somebody asks, some 0.1 ms each, and never if nobody does.
    """
    codec: Codec | None = None

    def measure(payload: bytes) -> Bands:
        nonlocal codec
        codec = codec or new_codec()
        pcm = codec.decode(payload)
        return bands_of(pcm[:_FRAME_BYTES]) if len(pcm) >= _FRAME_BYTES else SILENCE

    return Trace(measure)
