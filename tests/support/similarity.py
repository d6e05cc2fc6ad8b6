"""How alike two texts, or two sounds, are."""

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]


def word_errors(reference: str, heard: str) -> tuple[int, int]:
    """Count the word errors (Levenshtein distance over words) and the reference's words."""
    expected, got = reference.split(), heard.split()
    row = list(range(len(got) + 1))
    for i, word in enumerate(expected, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1], len(expected)


def envelope(samples: NDArray[np.generic], sample_rate: int, step_ms: int = 10) -> Signal:
    """Root mean square per step: the shape of a sound over time, which codecs keep."""
    window = sample_rate * step_ms // 1000
    frames = samples[: len(samples) // window * window].astype(np.float64).reshape(-1, window)
    return np.asarray(np.sqrt((frames**2).mean(axis=1)), dtype=np.float64)


def best_match(pattern: Signal, recording: Signal) -> tuple[float, int]:
    """Find where in a recording a pattern sounds: the highest normalised correlation, and at which step.

    Both are envelopes with the same step. 0 where the recording is shorter than the pattern or silent throughout.
    """
    length = len(pattern)
    if length == 0 or len(recording) < length:
        return 0.0, 0
    shape = pattern - pattern.mean()
    windows = np.lib.stride_tricks.sliding_window_view(recording, length)
    means = windows.mean(axis=1)
    norms = np.sqrt(np.maximum((windows**2).sum(axis=1) - length * means**2, 0.0)) * np.sqrt((shape**2).sum())
    scores = np.where(norms > 1e-9, (windows @ shape) / np.maximum(norms, 1e-9), 0.0)
    at = int(scores.argmax())
    return float(scores[at]), at


def stretched_match(pattern: Signal, recording: Signal, piece: int = 100, slack: int = 25) -> float:
    """Correlate a pattern with where it sounds, though a jitter buffer stretched or shortened it on the way.

    It is looked for as a whole, then in pieces of so many steps, each within `slack` steps of its place; what counts is
    the correlation of the whole with the pieces that were found.
    """
    _, at = best_match(pattern, recording)
    found = []
    for begin in range(0, len(pattern) - piece + 1, piece):
        end = begin + piece if begin + 2 * piece <= len(pattern) else len(pattern)
        first = max(at + begin - slack, 0)
        _, offset = best_match(pattern[begin:end], recording[first : at + end + slack])
        found.append(recording[first + offset : first + offset + end - begin])
    joined = np.concatenate(found) if found else recording[at : at + len(pattern)]
    return float(np.corrcoef(pattern[: len(joined)], joined)[0, 1])
