"""One utterance in Deepgram's words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.engines.codes import code, tag_of
from pipeline.engines.deepgram.messages import Error, HeardWord, Metadata, Results, told
from pipeline.engines.engine import EngineError
from pipeline.engines.hints import fitting
from pipeline.engines.live.dialect import Message, pieces
from pipeline.engines.options.deepgram import DeepgramOptions
from pipeline.engines.transcriber import Hypothesis, Word
from pipeline.engines.word_times import in_order
from pipeline.messages.language import AUTO

BYTES_PER_MS = 32
SETTLED_WITHIN_MS = 20
"""Results count as those of all sound if no more than this is missing: Deepgram looks at whole frames."""
TERMS_CHARACTERS = 1_500
"""Deepgram takes 500 tokens of them (developers.deepgram.com/docs/keyterm); a token has three letters or more."""
MULTI = "multi"
"""Deepgram's word for several languages; finding out which one is spoken there is not for live sound."""


class Listening:
    """A `Dialect`. developers.deepgram.com/docs/{finalize,close-stream,audio-keep-alive}."""

    path = "v1/listen"

    def __init__(self, language: str, options: DeepgramOptions, hints: Sequence[str] = ()) -> None:
        """`language`: a normalised tag or `auto`; `hints`: words to listen for, behind those that are set.

        Raises:
            UnsupportedLanguageError: Deepgram does not hear it.
        """
        self._language = language
        asked = MULTI if language == AUTO else code("deepgram", language, options.codes)
        self.query = _query(asked, options, fitting([*options.keyterms, *hints], TERMS_CHARACTERS))
        self._codes = options.codes
        self.ended = False
        self._ending = False
        self._final: list[Word] = []
        self._interim: tuple[Word, ...] = ()
        self._languages: Counter[str] = Counter()
        self._sent_bytes = 0
        self._settled_ms = 0
        # Finalize and CloseStream messages without an answer.
        self._asked = 0

    @property
    def hypothesis(self) -> Hypothesis:
        language = self._language
        if language == AUTO and self._languages:
            language = self._languages.most_common(1)[0][0]
        return Hypothesis((*self._final, *self._interim), language, stable=len(self._final))

    @property
    def flushed(self) -> bool:
        return not self._asked

    def sound(self, pcm: bytes) -> Sequence[Message]:
        self._sent_bytes += len(pcm)
        return pieces(pcm)

    def flush(self) -> Sequence[Message]:
        if self._is_settled():
            return ()
        self._asked += 1
        return ({"type": "Finalize"},)

    def end(self) -> Sequence[Message]:
        self._ending = True
        self._asked += not self._is_settled()
        return ({"type": "CloseStream"},)

    def keep_alive(self) -> Sequence[Message]:
        return ({"type": "KeepAlive"},)

    def take(self, message: Mapping[str, Any]) -> None:
        match told(message):
            case Results() as results:
                self._hear(results)
            case Metadata():
                self.ended = self._ending
            case Error(variant=variant):
                raise EngineError(f"Deepgram reports an error ({variant[:40] or 'without a name'})")

    def _hear(self, results: Results) -> None:
        heard = results.channel.alternatives[0].words if results.channel.alternatives else []
        since_ms = self._final[-1].end_ms if self._final else 0
        words = in_order([_word(word) for word in heard], since_ms, self._sent_ms)
        if not results.is_final:
            self._interim = words
            return
        self._final += words
        self._interim = ()
        self._languages.update(self._tag(word.language) for word in heard if word.language)
        self._settled_ms = round((results.start + results.duration) * 1000)
        if self._is_settled():
            self._asked = 0
        elif results.from_finalize:
            self._asked = max(0, self._asked - 1)

    @property
    def _sent_ms(self) -> int:
        return self._sent_bytes // BYTES_PER_MS

    def _is_settled(self) -> bool:
        return self._sent_ms - self._settled_ms <= SETTLED_WITHIN_MS

    def _tag(self, language: str) -> str:
        return tag_of("deepgram", language, self._codes) or language


def _word(word: HeardWord) -> Word:
    text = word.punctuated_word or word.word
    return Word(text, round(word.start * 1000), round(word.end * 1000), word.confidence)


def _query(language: str, options: DeepgramOptions, terms: Sequence[str]) -> list[tuple[str, str]]:
    """Write the parameters of the listen-streaming reference."""
    # Older models call them keywords (developers.deepgram.com/docs/keyterm).
    called = "keyterm" if options.model.startswith("nova-3") else "keywords"
    return [
        ("model", options.model),
        ("language", language),
        ("encoding", "linear16"),
        ("sample_rate", "16000"),
        ("channels", "1"),
        ("interim_results", "true"),
        ("punctuate", "true"),
        ("endpointing", str(options.endpointing_ms) if options.endpointing_ms else "false"),
        *([("smart_format", "true")] if options.smart_format else []),
        *([("mip_opt_out", "true")] if options.mip_opt_out else []),
        *((called, term) for term in terms),
    ]
