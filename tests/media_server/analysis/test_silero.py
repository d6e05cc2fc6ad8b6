"""The speech model: where it is found, and that its wrappings agree."""

import sys
from pathlib import Path

import numpy as np
import pytest
import structlog

from media_server.analysis import AnalysisError, silero
from media_server.analysis.silero import OVERLAP, WINDOW, Samples, Silero
from tests.media_server.analysis.streams import between_silence
from tests.support.recordings import Recording


def windows(recording: Recording) -> Samples:
    padded = np.concatenate([np.zeros(OVERLAP), between_silence(recording.samples)]).astype(np.float32) / 32768
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(padded, OVERLAP + WINDOW)[::WINDOW])


def test_the_model_is_found_without_torch() -> None:
    """The package that carries the model would import torch; finding the file does not import the package."""
    assert silero.load() is not None
    assert "silero_vad" not in sys.modules
    assert "torch" not in sys.modules


@pytest.mark.parametrize("path", silero.model_files(), ids=lambda path: path.name)
def test_every_wrapping_tells_speech_from_silence(recording: Recording, path: Path) -> None:
    """Silence before and behind, speech in between; whichever file is installed."""
    model = Silero(path)
    likely, _ = model.judge(windows(recording), model.start())
    speech_end = int((1 + recording.speech_end_s) * 16_000 / WINDOW)
    assert max(likely[:25]) < 0.3
    assert np.median(likely[40:speech_end]) > 0.9
    assert max(likely[speech_end + 12 :]) < 0.3


def test_batches_and_single_windows_agree(recording: Recording) -> None:
    """How many windows are judged at a time changes nothing."""
    model = silero.load()
    assert model is not None
    together, _ = model.judge(windows(recording)[:60], model.start())
    state, singly = model.start(), []
    for window in windows(recording)[:60]:
        likely, state = model.judge(window[None], state)
        singly += likely
    assert singly == pytest.approx(together, abs=1e-4)


def test_without_any_model_it_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    """WebRTC VAD has to do, and the log says what that means."""
    monkeypatch.setattr(silero, "FILES", (("no_such_package", "model.onnx"),))
    with structlog.testing.capture_logs() as logs:
        assert silero.load() is None
    assert [entry["event"] for entry in logs] == ["speech_model_missing"]


def test_a_broken_file_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The next one is tried, and the log names the one refused."""
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    good = silero.model_files()[0]
    monkeypatch.setattr(silero, "model_files", lambda: [broken, good])
    with structlog.testing.capture_logs() as logs:
        model = silero.load()
    assert model is not None
    assert model.path == good
    assert [(entry["event"], entry["file"]) for entry in logs] == [("speech_model_refused", "broken.onnx")]


def test_a_failing_model_is_an_analysis_error() -> None:
    """Whatever the runtime throws, the caller sees one kind of error."""
    model = silero.load()
    assert model is not None
    with pytest.raises(AnalysisError, match="speech model failed"):
        model.judge(np.zeros((1, 3), np.float32), model.start())
