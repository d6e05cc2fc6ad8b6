"""Where in the sound somebody speaks: what keeps silence and noise away from the decoder."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FRAME = 512
"""Samples: 32 ms, what Silero looks at."""
CONTEXT = 64
"""Samples of the frame before that it is shown as well."""
STATE = (1, 1, 128)
QUIET = 1e-3
"""Root mean square, of 1, below which sound is silence whoever says otherwise: -60 dB."""

Probe = Callable[[Floats], Floats]
"""Takes frames x 512 samples, in order, and gives the probability of speech in each. It may remember earlier frames."""


class SileroProbe:
    """Silero's voice detector (the copy in faster-whisper's wheel) on one stream: about 0.1 ms a frame."""

    def __init__(self, session: Any) -> None:
        """Take an ONNX session, which may be shared: `faster_whisper.vad.get_vad_model().session`."""
        self._session = session
        self._h: Floats = np.zeros(STATE, np.float32)
        self._c: Floats = np.zeros(STATE, np.float32)
        self._context: Floats = np.zeros(CONTEXT, np.float32)

    def __call__(self, frames: Floats) -> Floats:
        before = np.concatenate([self._context[np.newaxis], frames[:-1, -CONTEXT:]])
        self._context = frames[-1, -CONTEXT:]
        shown = {"input": np.concatenate([before, frames], axis=1), "h": self._h, "c": self._c}
        probabilities, self._h, self._c = self._session.run(None, shown)
        return np.asarray(probabilities, np.float32).reshape(-1)


def anything(frames: Floats) -> Floats:
    """Take everything that is not silence for speech."""
    return np.ones(len(frames), np.float32)
