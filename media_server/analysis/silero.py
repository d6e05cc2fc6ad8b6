"""Silero's speech model, read from whichever installed package carries it, without importing that package."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import structlog
from numpy.typing import NDArray

from media_server.analysis import AnalysisError

WINDOW = 512
"""Samples at 16 kHz (32 ms) that the model judges at a time."""
OVERLAP = 64
"""Samples before the window that it wants to see again."""
FILES = (
    # The same model in other wrappings; the first takes several windows in one call.
    ("silero_vad", "data/silero_vad_16k_sequence.onnx"),
    ("silero_vad", "data/silero_vad.onnx"),
    ("faster_whisper", "assets/silero_vad_v6.onnx"),
)

Samples = NDArray[np.float32]
State = tuple[Samples, ...]
"""What the model remembers of one speaker."""

log = structlog.get_logger(__name__)


class Silero:
    """The loaded model, shared by all speakers; each keeps their own state. Thread-safe.

    One call costs about 0.1 ms and gives the GIL away meanwhile. It has one thread: several would only wait for each
    other over so little work.
    """

    def __init__(self, path: Path) -> None:
        """Load it and try it once, since the first time is slow (some 30 ms: not on the event loop).

        Raises:
            AnalysisError: it cannot be loaded, or it is not a model of a kind known here.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Its warnings are about the model's making.
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # of many kinds, without a common base
            raise AnalysisError(f"{path.name} cannot be loaded: {error}") from error
        self.path = path
        inputs = {each.name for each in self._session.get_inputs()}
        if inputs == {"input", "h", "c"}:
            self._names: tuple[str, ...] = ("h", "c")
            self._shape = (1, 1, 128)
            self._constants: dict[str, Any] = {}
        elif inputs == {"input", "state", "sr"}:
            self._names, self._shape = ("state",), (2, 1, 128)
            self._constants = {"sr": np.array(16_000)}
        else:
            raise AnalysisError(f"{path.name} has unknown inputs: {', '.join(sorted(inputs))}")
        self.judge(np.zeros((1, OVERLAP + WINDOW), np.float32), self.start())

    def start(self) -> State:
        """Return the state at the start of a stream."""
        return tuple(np.zeros(self._shape, np.float32) for _ in self._names)

    def judge(self, windows: Samples, state: State) -> tuple[list[float], State]:
        """Say how likely each window holds speech, 0 to 1.

        Args:
            windows: shape (n, 576): in order, each with the 64 samples before it; -1 to 1.
            state: as it was returned for the windows before these.

        Raises:
            AnalysisError: the model failed.
        """
        step = len(windows) if len(self._names) == 2 else 1
        probabilities: list[float] = []
        try:
            for first in range(0, len(windows), step):
                feed = dict(zip(self._names, state, strict=True), input=windows[first : first + step])
                likely, *new_state = self._session.run(None, feed | self._constants)
                state = tuple(new_state)
                probabilities += likely.ravel().tolist()
        except Exception as error:  # of many kinds, without a common base
            raise AnalysisError(f"the speech model failed: {error}") from error
        return probabilities, state


def model_files() -> list[Path]:
    """Return where the model is installed, best first, without importing a package (silero_vad would import torch)."""
    found: list[Path] = []
    for package, name in FILES:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(folder, name)
            if path.is_file():
                found.append(path)
    return found


def load() -> Silero | None:
    """Load the best model that works here; without any, warn and return None: WebRTC VAD then decides alone.

    Blocks for some 30 ms.
    """
    for path in model_files():
        try:
            return Silero(path)
        except AnalysisError as error:
            log.warning("speech_model_refused", file=path.name, reason=str(error))
    log.warning("speech_model_missing", consequence="WebRTC VAD decides alone: more noise is taken for speech")
    return None
