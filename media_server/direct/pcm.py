"""Raw sound, message by message, to 16 kHz."""

import numpy as np
from av.audio.frame import AudioFrame

from media_server.direct.conversion import Conversion
from media_server.direct.errors import BadSoundError
from pipeline.messages.audio_chunk import SAMPLE_RATE

LONGEST_MS = 1_000
"""Of one message."""
RATES = range(8_000, 96_001)
CHANNELS = (1, 2)
LAYOUTS = {1: "mono", 2: "stereo"}


class PcmReader:
    """Reads one client's s16le of one sample rate, interleaved if it has two channels. Cheap: some ms for 1 s."""

    def __init__(self, sample_rate: int = SAMPLE_RATE, channels: int = 1) -> None:
        """Sample rates are in hertz.

        Raises:
            ValueError: a sample rate not in RATES, or so many channels.
        """
        if sample_rate not in RATES or channels not in CHANNELS:
            raise ValueError(f"{sample_rate} Hz with {channels} channels is not read here")
        self._sample_rate = sample_rate
        self._channels = channels
        as_is = sample_rate == SAMPLE_RATE and channels == 1
        self._conversion = None if as_is else Conversion()

    def read(self, message: bytes) -> bytes:
        """Give a message's sound as 16 kHz mono s16le.

        Raises:
            BadSoundError: nothing, part of a sample, or more than a second.
        """
        size = 2 * self._channels
        if not message or len(message) % size:
            raise BadSoundError(
                f"{len(message)} bytes are not a whole number of samples of {size} bytes, and at least one"
            )
        if len(message) // size * 1_000 > LONGEST_MS * self._sample_rate:
            raise BadSoundError(f"a message holds at most {LONGEST_MS} ms of sound")
        if self._conversion is None:
            return message
        samples = np.frombuffer(message, np.int16)[None, :]
        frame = AudioFrame.from_ndarray(samples, format="s16", layout=LAYOUTS[self._channels])
        frame.sample_rate = self._sample_rate
        return self._conversion.convert(frame)
