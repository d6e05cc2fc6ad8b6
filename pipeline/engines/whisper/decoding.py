"""Decoding windows of several speakers at once: what CTranslate2 is asked for, and what of its answer is believed.

faster-whisper batches the pieces of one file only, so the model's `encode`, `generate` and `align` are called here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from prometheus_client import Counter

from pipeline.engines.options.faster_whisper import FasterWhisperOptions
from pipeline.engines.transcriber import Word
from pipeline.engines.whisper.guards import Signs, is_invented, without_loops
from pipeline.engines.whisper.language import Asked
from pipeline.engines.whisper.spectrogram import HOP, SAMPLE_RATE
from pipeline.engines.whisper.times import Said, joined, spread

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

_INVENTED = Counter("parley_whisper_invented_windows", "Windows whose text was not believed.", ["why"])

Words = tuple[Word, ...]

FRAMES_PER_SECOND = SAMPLE_RATE // HOP
MOST_TOKENS = 448
"""What a Whisper decoder has places for: the prompt may take half of them, and the text the other half."""
MOST_PROMPT = MOST_TOKENS // 2 - 1
TOKENS_PER_SECOND, TOKENS_AT_LEAST = 12, 16
"""Nobody speaks faster: it bounds what a runaway loop costs in a short window."""

PREPENDED = "\"'“¿([{-"
APPENDED = "\"'.。,，!！?？:：”)]}、"
"""Marks that belong to the word behind, and to the one before them; as in openai/whisper, `transcribe`."""
UNSPACED = frozenset({"zh", "yue", "ja", "th", "lo", "my"})
"""Languages of whose words faster-whisper gives one character at a time."""


@dataclass(frozen=True, eq=False)
class Job:
    """A window to be decoded."""

    # Bands x frames, filled up with silence.
    features: NDArray[np.float32]
    # So many of them are sound; and where the window begins in the utterance, in ms.
    frames: int
    start_ms: int
    # What the decoder takes for said before.
    prompt: tuple[int, ...]
    beam_size: int
    language: Asked

    def fits(self, other: "Job", *, pads: bool) -> bool:
        """Say whether the other can be in a batch with this one. `pads`: a shorter one is filled up."""
        if (len(self.prompt), self.beam_size) != (len(other.prompt), other.beam_size):
            return False
        width, its = self.features.shape[1], other.features.shape[1]
        return its == width or (pads and its < width)


class Decoding:
    """Decodes batches on one model. Blocking; one call at a time."""

    def __init__(self, model: "WhisperModel", options: FasterWhisperOptions) -> None:
        self._model = model
        self._options = options
        self.tokenizer = lru_cache(maxsize=None)(self._tokenizer)  # bounded by the languages that Whisper knows

    def prompt(self, hints: Sequence[str]) -> tuple[int, ...]:
        """Write down what the decoder is to go by: hotwords, a room's words, and the initial prompt, cut to fit."""
        encode = self.tokenizer("en").encode
        words = ", ".join(filter(None, [self._options.hotwords.strip(), *(hint.strip() for hint in hints)]))
        before = encode(f" {words}")[: MOST_PROMPT // 2] if words else []
        if text := self._options.initial_prompt.strip():
            before += encode(f" {text}")[-(MOST_PROMPT - len(before)) :]
        return tuple(before)

    def decode(self, jobs: Sequence[Job]) -> list[Words]:
        """Decode windows that fit each other: the words of each, by times from its utterance's first sample on."""
        encoded = self._model.encode(_stack(jobs))
        languages = self._languages(jobs, encoded)
        results = self._generate(jobs, languages, encoded)
        believed = [
            self._believed(job, language, result)
            for job, language, result in zip(jobs, languages, results, strict=True)
        ]
        heard: list[Words] = [()] * len(jobs)
        for language in {one for one, tokens in zip(languages, believed, strict=True) if tokens}:
            ours = [tokens if one == language else [] for one, tokens in zip(languages, believed, strict=True)]
            for row, alignment in enumerate(self._align(jobs, language, ours, encoded)):
                if ours[row]:
                    heard[row] = alignment
        return heard

    def _languages(self, jobs: Sequence[Job], encoded: Any) -> list[str]:
        if all(isinstance(job.language, str) for job in jobs):
            detected: list[list[tuple[str, float]]] = [[] for _ in jobs]
        else:
            detected = self._model.model.detect_language(encoded)
        return [
            # Tokens are like <|en|>.
            job.language if isinstance(job.language, str) else job.language({name[2:-2]: p for name, p in each})
            for job, each in zip(jobs, detected, strict=True)
        ]

    def _generate(self, jobs: Sequence[Job], languages: Sequence[str], encoded: Any) -> list[Any]:
        from faster_whisper.transcribe import get_suppressed_tokens

        prompts = []
        for job, language in zip(jobs, languages, strict=True):
            tokenizer = self.tokenizer(language)
            before = [tokenizer.sot_prev, *job.prompt] if job.prompt else []
            prompts.append([*before, *tokenizer.sot_sequence, tokenizer.no_timestamps])
        longest_s = max(job.frames for job in jobs) / FRAMES_PER_SECOND
        tokens = min(MOST_TOKENS // 2, math.ceil(longest_s * TOKENS_PER_SECOND) + TOKENS_AT_LEAST)
        results: list[Any] = self._model.model.generate(
            encoded,
            prompts,
            beam_size=jobs[0].beam_size,
            # CTranslate2 takes half of this at most for the text, and what the prompt leaves.
            max_length=min(MOST_TOKENS, max(2 * tokens, tokens + len(prompts[0]))),
            suppress_tokens=list(get_suppressed_tokens(tokenizer, [-1])),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return results

    def _believed(self, job: Job, language: str, result: Any) -> list[int]:
        """Give the tokens of a result without its loops; none if nobody said that."""
        tokenizer = self.tokenizer(language)
        raw = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
        # The score is the mean over the tokens; the end of the text counts as one too.
        signs = Signs(result.scores[0] * len(raw) / (len(raw) + 1), result.no_speech_prob)
        tokens = without_loops(raw, self._options.most_repeats)
        text = tokenizer.decode(tokens).strip()
        if not text:
            return []
        why = is_invented(text, signs, self._options, tokenizer.decode(list(job.prompt)) if job.prompt else "")
        if why:
            _INVENTED.labels(why).inc()
        return [] if why else tokens

    def _align(self, jobs: Sequence[Job], language: str, tokens: Sequence[list[int]], encoded: Any) -> list[Words]:
        """Give the words of each row with their times; none where there are no tokens."""
        from faster_whisper.transcribe import merge_punctuations

        found = self._model.find_alignment(self.tokenizer(language), tokens, encoded, [job.frames for job in jobs])
        words = []
        for job, alignment in zip(jobs, found, strict=True):
            merge_punctuations(alignment, PREPENDED, APPENDED)
            said = [Said(each["word"], each["start"], each["end"], each["probability"]) for each in alignment]
            words.append(
                spread(
                    said if language in UNSPACED else joined(said),
                    start_ms=job.start_ms,
                    end_ms=job.start_ms + job.frames * 10,
                )
            )
        return words

    def _tokenizer(self, language: str) -> "Tokenizer":
        from faster_whisper.tokenizer import Tokenizer

        multilingual = self._model.model.is_multilingual
        return Tokenizer(self._model.hf_tokenizer, multilingual, task="transcribe", language=language)


def _stack(jobs: Sequence[Job]) -> NDArray[np.float32]:
    width = max(job.features.shape[1] for job in jobs)
    rows = []
    for job in jobs:
        missing = width - job.features.shape[1]
        # Its softest place is silence.
        rows.append(np.pad(job.features, ((0, 0), (0, missing)), constant_values=float(job.features.min())))
    return np.stack(rows)
