"""Whether somebody speaks: WebRTC VAD wakes Silero, Silero decides, and the level finds the pauses."""

import math
from typing import NamedTuple

import numpy as np
import webrtcvad

from media_server.analysis.loudness import QUIETEST, Loudness
from media_server.analysis.settings import FRAME_MS, AnalysisSettings
from media_server.analysis.silero import OVERLAP, WINDOW, Silero, State
from pipeline.messages.audio_chunk import SAMPLE_RATE

FRAME = SAMPLE_RATE * FRAME_MS // 1000
"""Samples of a frame."""
HISTORY = 5
"""Windows (160 ms) that Silero hears once more when it wakes, so that it knows what came before."""
AWAKE_FRAMES = 15
"""For so long (300 ms) Silero listens after WebRTC VAD's last sign of a voice, or its own."""
SURE = 0.9
SURE_WINDOWS = 4
"""While Silero is this sure and the voice is loud, it takes four windows at once, which costs half as much each. (Eight
cost hardly less, and ends in noise are noticed later; windows that it never hears cost ends as well.)"""
WINDOWS = max(HISTORY, SURE_WINDOWS) + 2
"""Windows there may be at once."""


class Heard(NamedTuple):
    """What is said of a frame."""

    speech: bool
    # dB below full scale.
    level: float


class VoiceDetector:
    """Decides for one speaker, frame by frame; the model is shared.

    Silero's probability has hysteresis. Within what it calls speech, a frame that is not loud counts as a pause at
    once, but not for longer than Silero's own delay: if it still hears speech then, it is a soft voice.
    Without a model, WebRTC VAD decides in Silero's place.
    """

    def __init__(self, settings: AnalysisSettings, model: Silero | None) -> None:
        self._settings = settings
        self._model = model
        self._soft_frames = settings.soft_speech_ms // FRAME_MS
        self._loudness = Loudness(
            below_talk_db=settings.pause_below_talk_db, above_noise_db=settings.pause_above_noise_db
        )
        # The last samples, oldest first: the overlap, then whole windows Silero may have to hear, then the rest.
        self._samples = np.zeros(OVERLAP + WINDOWS * WINDOW, np.float32)
        # The same memory as windows, each with the overlap before it.
        self._windows = np.lib.stride_tricks.sliding_window_view(self._samples, OVERLAP + WINDOW)[::WINDOW]
        self.reset()

    def reset(self) -> None:
        """Forget the speaker: a stream begins."""
        self._webrtc = webrtcvad.Vad(self._settings.webrtc_aggressiveness)
        self._loudness.reset()
        self._state: State | None = None
        # How many samples there are, and how many whole windows of them Silero has heard.
        self._filled = OVERLAP
        self._samples[:OVERLAP] = 0
        self._awake = 0
        self._likely = 0.0
        self._voiced = False
        self._quiet = 0

    def hear(self, pcm: bytes) -> Heard:
        """Judge a frame of 20 ms, 16 kHz mono s16le.

        Raises:
            AnalysisError: the model failed.
        """
        frame = np.frombuffer(pcm, np.int16).astype(np.float32)
        frame *= 1 / 32768
        power = float(np.dot(frame, frame)) / FRAME
        level = 10 * math.log10(power) if power > 1e-9 else QUIETEST
        voice = self._webrtc.is_speech(pcm, SAMPLE_RATE)
        if voice:
            self._awake = AWAKE_FRAMES
        if self._model is None:
            self._voiced = voice
        else:
            self._ask(self._model, frame)
        self._awake = AWAKE_FRAMES if self._voiced else max(0, self._awake - 1)
        return Heard(self._decide(level), level)

    def _decide(self, level: float) -> bool:
        loud = self._loudness.hear(level, speech=self._voiced)
        if loud or not self._voiced:
            self._quiet = 0
            return loud
        self._quiet += 1
        if self._quiet <= self._soft_frames:
            return False
        self._loudness.soften(level)
        return True

    def _ask(self, model: Silero, frame: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> None:
        """Let Silero hear what it has not heard yet, if it is awake."""
        self._samples[self._filled : self._filled + FRAME] = frame
        self._filled += FRAME
        whole = (self._filled - OVERLAP) // WINDOW
        if self._awake == 0:
            self._state, self._likely = None, 0.0
            self._forget(whole - HISTORY)
            return
        if whole < (SURE_WINDOWS if self._likely >= SURE and self._quiet == 0 else 1):
            return
        likely, self._state = model.judge(np.ascontiguousarray(self._windows[:whole]), self._state or model.start())
        self._likely = likely[-1]
        self._voiced = self._likely >= (self._settings.speech_stop if self._voiced else self._settings.speech_start)
        self._forget(whole)

    def _forget(self, windows: int) -> None:
        """Drop the oldest windows."""
        if windows > 0:
            kept = self._samples[windows * WINDOW : self._filled].copy()
            self._samples[: len(kept)] = kept
            self._filled = len(kept)
