"""One piece of sound at another sample rate."""

import av
import numpy as np


def resampled(pcm: bytes, source: int, target: int) -> bytes:
    """Give mono s16le PCM at `target` hertz instead of `source`. Blocks for about a millisecond a second of sound."""
    if source == target or not pcm:
        return pcm
    resampler = av.AudioResampler("s16", "mono", target)
    frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2")[np.newaxis, :], format="s16", layout="mono")
    frame.sample_rate = source
    frames = [*resampler.resample(frame), *resampler.resample(None)]
    return b"".join(each.to_ndarray().astype("<i2").tobytes() for each in frames)
