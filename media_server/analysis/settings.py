"""How the analysis of one speaker's sound behaves."""

from dataclasses import dataclass

CHUNK_MS = range(20, 501)
"""What a chunk of sound may last."""
FRAME_MS = 20
"""The step in which speech is decided; thresholds are reached at the first whole frame at or above them."""


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """Durations in milliseconds, levels in decibels.

    Raises:
        ValueError: a value outside its range; the message names it.
    """

    # How long later packets wait for a missing one before it is given up and concealed.
    reorder_wait_ms: int = 60

    # A packet whose RFC 6464 level is at most this many dB below overload (or whose voice bit is set) opens the gate
    # in front of the decoder: 0 lets nothing pass, 127 everything. Speech is at 15 to 45, a quiet room at 60 to 80.
    gate_level: int = 60
    # The gate stays open for so long behind the last such packet. Longer than `silence_max_ms`, so that it is the
    # segmenter which ends utterances.
    gate_hangover_ms: int = 1000
    # The undecoded packets kept while the gate is closed: they hold the sound before the onset.
    gate_keep_ms: int = 500

    # WebRTC VAD, which wakes Silero: 0 (lets most pass) to 3 (the strictest).
    webrtc_aggressiveness: int = 2
    # Silero's probability from which speech begins, and below which it is over. Lower hears fainter voices and more
    # noise.
    speech_start: float = 0.5
    speech_stop: float = 0.35
    # Silero notices an end some 100 ms late. Within what it calls speech, a frame this far below the speaker's usual
    # level, or not this far above the background, counts as silence at once ...
    pause_below_talk_db: float = 22.0
    pause_above_noise_db: float = 3.0
    # ... unless Silero still hears speech after so long: then somebody speaks softly.
    soft_speech_ms: int = 200

    # Sound before the first speech that belongs to an utterance.
    pre_speech_ms: int = 300
    # Speech without a break that it takes to start an utterance; less is a click.
    min_speech_ms: int = 60
    # Silence after which the utterance may be over, and after which it is.
    maybe_end_ms: int = 150
    silence_ms: int = 300
    # How far the latter may grow for a speaker who makes long pauses (see `patience.py`).
    silence_max_ms: int = 600
    # Packets that are missing for so long count as silence from then on (DTX, a lost connection).
    missing_after_ms: int = 100
    # The longest utterance, and the stretch at its end in which a pause is looked for at which to cut it.
    max_utterance_ms: int = 10_000
    cut_window_ms: int = 2000
    # What a Sound lasts, except before a mark.
    chunk_ms: int = 100

    def __post_init__(self) -> None:
        if self.chunk_ms not in CHUNK_MS:
            raise ValueError(f"chunk_ms is {self.chunk_ms}, but a chunk lasts 20 to 500 ms")
        for name, low, high in (
            ("reorder_wait_ms", 0, 500),
            ("gate_level", 0, 127),
            ("gate_keep_ms", 0, 2000),
            ("webrtc_aggressiveness", 0, 3),
            ("speech_start", 0.01, 0.99),
            ("speech_stop", 0.0, self.speech_start),
            ("pre_speech_ms", 0, 2000),
            ("min_speech_ms", FRAME_MS, 500),
            ("maybe_end_ms", FRAME_MS, self.silence_ms),
            ("silence_max_ms", self.silence_ms, 5000),
            ("gate_hangover_ms", self.silence_max_ms, 10_000),
            ("missing_after_ms", FRAME_MS, 2000),
            ("max_utterance_ms", 2000, 60_000),
            ("cut_window_ms", 500, self.max_utterance_ms // 2),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}, but it must be {low} to {high}")
