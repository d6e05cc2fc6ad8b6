"""What a transcription endpoint answers, and which words that makes. Pure.

Source: platform.openai.com/docs/api-reference/audio/verbose-json-object and .../json-object. Servers of one's own put
words into the segments instead (whisper.cpp), give none at all, or call languages by their codes: all is read.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import chain
from typing import Any

import msgspec

from pipeline.engines.codes import tag_of
from pipeline.engines.engine import EngineError
from pipeline.engines.openai_transcription.language_names import code_of
from pipeline.engines.options.openai_transcription import OpenAITranscriptionOptions
from pipeline.engines.transcriber import Word
from pipeline.engines.whisper.agreement import bare
from pipeline.engines.whisper.guards import compression_ratio
from pipeline.engines.windowed.utterance import Decoded
from pipeline.engines.word_times import in_order, spread


class AnsweredWord(msgspec.Struct, frozen=True):
    """One word, at OpenAI without marks; times in seconds."""

    word: str
    start: float
    end: float
    # Only from servers of one's own.
    probability: float | None = None


class Segment(msgspec.Struct, frozen=True):
    """One stretch of text; times in seconds."""

    start: float
    end: float
    text: str = ""
    avg_logprob: float = 0.0
    compression_ratio: float = 1.0
    no_speech_prob: float = 0.0
    words: list[AnsweredWord] | None = None


class Answer(msgspec.Struct, frozen=True):
    """The whole of it; all but the text is missing from `json`, and from some servers."""

    text: str
    language: str | None = None
    words: list[AnsweredWord] | None = None
    segments: list[Segment] | None = None


def decoded(answer: Any, length_ms: int, options: OpenAITranscriptionOptions) -> Decoded:
    """Read an answer about so much sound.

    Raises:
        EngineError: it is not what the documentation says.
    """
    try:
        read = msgspec.convert(answer, Answer)
    except msgspec.ValidationError:
        # Not its message, which may quote what was heard.
        raise EngineError("the server answered something else than a transcription") from None
    language = tag_of("whisper", code_of(read.language), options.codes) if read.language else None
    words = _words_of(read, length_ms, options)
    return Decoded(in_order(words, until_ms=length_ms), language or "")


def _words_of(answer: Answer, length_ms: int, options: OpenAITranscriptionOptions) -> Sequence[Word]:
    if not answer.segments:
        if compression_ratio(answer.text) > options.compression_ratio_threshold:
            return ()
        if answer.words:
            return _marked([_word(word) for word in answer.words], answer.text)
        return spread(answer.text.split(), 0, length_ms)
    believed = [segment for segment in answer.segments if _is_believed(segment, options)]
    if not answer.words:
        return tuple(chain.from_iterable(map(_words_in, believed)))
    doubted = [segment for segment in answer.segments if segment not in believed]
    left = [word for word in answer.words if not any(_holds(segment, word) for segment in doubted)]
    return _marked([_word(word) for word in left], " ".join(segment.text for segment in believed))


def _is_believed(segment: Segment, options: OpenAITranscriptionOptions) -> bool:
    if segment.compression_ratio > options.compression_ratio_threshold:
        return False
    return not (
        segment.no_speech_prob > options.no_speech_threshold and segment.avg_logprob < options.log_prob_threshold
    )


def _holds(segment: Segment, word: AnsweredWord) -> bool:
    return segment.start <= (word.start + word.end) / 2 <= segment.end


def _words_in(segment: Segment) -> Sequence[Word]:
    if segment.words:
        return [_word(word) for word in segment.words if word.word.strip()]
    return spread(segment.text.split(), round(segment.start * 1000), round(segment.end * 1000))


def _word(word: AnsweredWord) -> Word:
    return Word(word.word.strip(), round(word.start * 1000), round(word.end * 1000), word.probability)


def _marked(words: Sequence[Word], text: str) -> Sequence[Word]:
    """Give words the spelling that they have in the text, marks and capitals included, where it is certain which."""
    written = [Word(each, 0, 0) for each in text.split()]
    same = SequenceMatcher(None, [bare(word) for word in words], [bare(word) for word in written], autojunk=False)
    marked = list(words)
    for here, there, length in same.get_matching_blocks():
        for n in range(length):
            marked[here + n] = msgspec.structs.replace(words[here + n], text=written[there + n].text)
    return [word for word in marked if word.text]
