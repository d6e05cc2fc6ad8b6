"""What can be set about faster-whisper."""

from dataclasses import dataclass
from typing import Literal

TRAINED_S = 30.0
"""Seconds of sound that Whisper was trained to look at, and can."""


@dataclass(frozen=True)
class FasterWhisperOptions:
    """Model, decoding, windows, guards and language of faster-whisper. Seconds are of sound, if not said otherwise."""

    # A name that `parley models list` has, or a folder with a converted model; `auto`: the best that is here, where
    # with a GPU the large ones are looked for first, and without one the small ones.
    model: str = "auto"
    # Where models lie, instead of the usual place.
    models_dir: str = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    # How numbers are held: `auto` is int8 on a CPU; on a GPU the first that it has of float16, int8_float16, float32.
    compute_type: str = "auto"
    # Threads for a batch on a CPU; 0: as many as the process may have cores, at most 4.
    threads: int = 0
    # Ways that are followed side by side in the final pass and in peeks; 0: 5 on a GPU, 1 on a CPU. Interim text: 1.
    beam_size: int = 0
    # Silero says where somebody speaks: silence before and behind is not decoded, and nothing without speech. Without
    # it a plain level gate does that.
    vad_filter: bool = True
    # Probability of speech, 0 to 1, from which on Silero's word is taken for it.
    vad_threshold: float = 0.5
    # Quiet voices are brought to the level that most training sound has: at most 20 dB louder, never softer.
    normalize_audio: bool = True
    # Text that the decoder takes for what was said before: names, spelling, style. It goes with every window.
    initial_prompt: str = ""
    # Words to listen for, separated by commas; a room's glossary is added.
    hotwords: str = ""
    # Windows of all speakers that are decoded at once, and milliseconds for which they are collected.
    max_batch_size: int = 16
    batch_wait_ms: int = 20
    # Windows that wait for a decoder; more are refused.
    queue: int = 512
    # A growing utterance is decoded again once so much was added.
    step_s: float = 0.5
    # Beyond this the beginning of the window, up to the end of a committed sentence, is let go.
    window_s: float = 12.0
    # A window is filled up with silence to a multiple of this. 30 is what Whisper was trained with; less saves nearly
    # all of the encoder's work on short windows, and costs some accuracy. 0: 30 on a GPU, 10 on a CPU.
    pad_to_s: float = 0.0
    # Guards: above no_speech_threshold and at once below log_prob_threshold, nobody spoke; below log_prob_floor nothing
    # is believed; nor what zlib makes smaller by more than this factor; and loops are cut to so many repeats.
    no_speech_threshold: float = 0.6
    log_prob_threshold: float = -1.0
    log_prob_floor: float = -1.5
    compression_ratio_threshold: float = 2.4
    most_repeats: int = 3
    # Detection: these languages only (tags; all if empty), from so much sound on; and how sure the model must be of
    # another language than the speaker's last, twice in a row, before that is believed.
    detect: tuple[str, ...] = ()
    detect_from_s: float = 1.0
    detect_switch: float = 0.7

    def __post_init__(self) -> None:
        for name, least, most in _LIMITS:
            value = getattr(self, name)
            if not least <= value <= most:
                raise ValueError(f"{name} is {value}, but it must be from {least:g} to {most:g}")


_MANY = 100_000
_LIMITS: tuple[tuple[str, float, float], ...] = (
    ("threads", 0, 1_000),
    ("beam_size", 0, 100),
    ("vad_threshold", 0, 1),
    ("max_batch_size", 1, 1_000),
    ("batch_wait_ms", 0, 1_000),
    ("queue", 1, _MANY),
    ("step_s", 0.1, TRAINED_S),
    ("window_s", 1, 24),
    ("pad_to_s", 0, TRAINED_S),
    ("no_speech_threshold", 0, 1),
    ("most_repeats", 1, _MANY),
    ("detect_from_s", 0, TRAINED_S),
    ("detect_switch", 0, 1),
)
"""The least and the most that a setting may be."""
