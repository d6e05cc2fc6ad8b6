"""One utterance in Sarvam's words."""

import base64
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.engines.codes import code, tag_of
from pipeline.engines.engine import EngineError
from pipeline.engines.hints import fitting
from pipeline.engines.http.status import error_of_status
from pipeline.engines.live.dialect import Message, pieces
from pipeline.engines.options.sarvam import SarvamOptions
from pipeline.engines.sarvam.gate import Gate
from pipeline.engines.sarvam.messages import Error, Final, Partial, SessionEnd, told
from pipeline.engines.transcriber import Hypothesis, Word
from pipeline.engines.word_times import in_order, spread
from pipeline.messages.language import AUTO

BYTES_PER_MS = 32
HINTS_CHARACTERS = 500
"""Of the words to listen for, which go along in the address; the documentation names no limit."""


class Stretch(NamedTuple):
    """Sound between speech_start and speech_end, in ms from the utterance's first sample."""

    number: int
    start_ms: int
    end_ms: int


class Listening:
    """A `Dialect`. Endpointing is manual: we say where speech begins, and where its words are wanted.

    Such a stretch becomes words that never change. Sarvam says no word's time on this socket: its words get their
    shares of the stretch by their length. Silence is not sent.
    """

    path = "speech-to-text-realtime/ws"

    def __init__(self, language: str, options: SarvamOptions, hints: Sequence[str] = ()) -> None:
        """`language`: a normalised tag or `auto`; `hints`: words to listen for, behind the prompt that is set.

        Raises:
            UnsupportedLanguageError: Sarvam does not hear it.
        """
        self._language = language
        self._detects = language == AUTO
        self.query = _query(language if language == AUTO else code("sarvam", language, options.codes), options, hints)
        self._codes = options.codes
        self.ended = False
        self._gate = Gate()
        self._final: list[Word] = []
        self._interim: tuple[Word, ...] = ()
        self._probability: float | None = None
        self._sent_bytes = 0
        # Of the stretch that is open, or was last.
        self._number = -1
        self._start_ms = 0
        # Stretches that ended, without a final transcript yet.
        self._asked: deque[Stretch] = deque()

    @property
    def hypothesis(self) -> Hypothesis:
        words = (*self._final, *self._interim)
        return Hypothesis(words, self._language, self._probability, stable=len(self._final))

    @property
    def flushed(self) -> bool:
        return not self._asked

    def sound(self, pcm: bytes) -> Sequence[Message]:
        was_open = self._gate.is_open
        passed = self._gate.pass_on(pcm)
        self._sent_bytes += len(pcm)
        messages: list[Message] = []
        if self._gate.is_open and not was_open:
            self._number += 1
            self._start_ms = (self._sent_bytes - len(passed)) // BYTES_PER_MS
            messages.append({"event": "speech_start"})
        encoded = (base64.b64encode(piece).decode() for piece in pieces(passed))
        return [*messages, *({"event": "audio_input", "audio": sound} for sound in encoded)]

    def flush(self) -> Sequence[Message]:
        if not self._gate.is_open:
            return ()
        self._gate.shut()
        self._asked.append(self._open)
        return ({"event": "speech_end"},)

    def end(self) -> Sequence[Message]:
        return (*self.flush(), {"event": "end"})

    def keep_alive(self) -> Sequence[Message]:
        return ({"event": "ping"},)

    def take(self, message: Mapping[str, Any]) -> None:
        match told(message):
            case Partial(text=text, language=language):
                self._interim = self._placed(text, self._asked[0] if self._asked else self._open)
                self._note_language(language, None)
            case Final(text=text, utterance_idx=number, language=language, language_confidence=probability):
                self._final += self._placed(text, self._answered(number))
                self._interim = ()
                self._note_language(language, probability)
            case SessionEnd():
                self.ended = True
            case Error(is_fatal=True) as error:
                raise _error(error)

    @property
    def _sent_ms(self) -> int:
        return self._sent_bytes // BYTES_PER_MS

    @property
    def _open(self) -> Stretch:
        return Stretch(self._number, self._start_ms, self._sent_ms)

    def _answered(self, number: int | None) -> Stretch:
        """Find the stretch that a final transcript is about; those before it had nothing to say."""
        while self._asked and number is not None and self._asked[0].number < number <= self._asked[-1].number:
            self._asked.popleft()
        return self._asked.popleft() if self._asked else self._open

    def _placed(self, text: str, stretch: Stretch) -> tuple[Word, ...]:
        since_ms = self._final[-1].end_ms if self._final else 0
        return in_order(spread(text.split(), stretch.start_ms, stretch.end_ms), since_ms, self._sent_ms)

    def _note_language(self, language: str | None, probability: float | None) -> None:
        if self._detects and language and (tag := tag_of("sarvam", language, self._codes)):
            self._language = tag
        if probability is not None:
            self._probability = probability


def _error(error: Error) -> EngineError:
    if error.status_code is not None and error.status_code >= 400:
        return error_of_status("Sarvam", error.status_code, {})
    return EngineError(f"Sarvam reports an error ({str(error.code)[:40] or 'without a name'})")


def _query(language: str, options: SarvamOptions, hints: Sequence[str]) -> list[tuple[str, str]]:
    """Write the parameters of the realtime reference."""
    prompt = ", ".join([*filter(None, [options.prompt]), *fitting(hints, HINTS_CHARACTERS)])
    return [
        ("model", options.model),
        ("language_code", language),
        ("stream_type", options.stream_type),
        ("mode", options.mode),
        ("endpointing", "manual"),
        ("encoding", "linear16"),
        ("sample_rate", "16000"),
        *([("prompt", prompt)] if prompt else []),
    ]
