"""Guards against invention: what Whisper says although nobody said it. Pure.

The signs are Whisper's own (openai/whisper, `decode_with_fallback` in transcribe.py): how sure it is that nobody
speaks, how sure it is of its words, and how well the text compresses. It decodes such a window again, at higher
temperatures; here there is no time for that, and a wrong sentence spoken aloud is worse than a missing one.
"""

import zlib
from collections.abc import Hashable, Sequence
from typing import NamedTuple, TypeVar

from pipeline.engines.options.faster_whisper import FasterWhisperOptions

Token = TypeVar("Token", bound=Hashable)

LONGEST_LOOP = 16
"""Tokens: loops of longer phrases than this are left to the compression ratio."""
ECHO_WORDS = 4
"""A text of at least so many words that stands in the prompt was read there, not heard."""


class Signs(NamedTuple):
    """What a decoding tells about itself."""

    # Mean of the natural logarithm of the tokens' probabilities.
    log_prob: float
    # Probability of the token that stands for "nobody speaks", 0 to 1.
    no_speech: float


def is_invented(text: str, signs: Signs, options: FasterWhisperOptions, prompt: str = "") -> str:
    """Say why a text is not believed; empty if it is. `prompt` is what the decoder was given to go by."""
    if signs.no_speech > options.no_speech_threshold and signs.log_prob < options.log_prob_threshold:
        return "no speech"
    if signs.log_prob < options.log_prob_floor:
        return "unlikely"
    if compression_ratio(text) > options.compression_ratio_threshold:
        return "repetition"
    return "echo" if _echoes(text, prompt) else ""


def compression_ratio(text: str) -> float:
    """Say how many times smaller zlib makes a text in UTF-8; near 1 for a sentence, far above 2 for a loop."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def without_loops(tokens: Sequence[Token], repeats: int) -> list[Token]:
    """Keep at most `repeats` of a phrase that comes again and again without anything between.

    Phrases of up to `LONGEST_LOOP` tokens are looked for, the shortest first; what comes behind a loop is kept.
    """
    kept = list(tokens)
    for length in range(1, LONGEST_LOOP + 1):
        kept = _without_loops_of(kept, length, repeats)
    return kept


def _without_loops_of(tokens: list[Token], length: int, repeats: int) -> list[Token]:
    kept: list[Token] = []
    same = 0  # tokens in a row that equal the one `length` before
    for token in tokens:
        same = same + 1 if len(kept) >= length and kept[-length] == token else 0
        kept.append(token)
        if same >= length * repeats:
            del kept[-length:]
            same -= length
    return kept


def _echoes(text: str, prompt: str) -> bool:
    said, given = _plain(text), _plain(prompt)
    return len(said) >= ECHO_WORDS and f" {' '.join(said)} " in f" {' '.join(given)} "


def _plain(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text.casefold()).split()
