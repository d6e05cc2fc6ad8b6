"""faster-whisper: Whisper on CTranslate2, for 99 languages; it streams by decoding the growing utterance again."""

import asyncio
import importlib.util
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, ClassVar, Self
from weakref import WeakSet

import structlog

from pipeline.engines import codes
from pipeline.engines.engine import EngineError, EngineInfo, EngineUnavailableError, UnsupportedLanguageError
from pipeline.engines.options.faster_whisper import FasterWhisperOptions
from pipeline.engines.whisper.batcher import Batcher
from pipeline.engines.whisper.decoding import Decoding, Job, Words
from pipeline.engines.whisper.language import FixedLanguage, LanguageChoice, SpeakersLanguages, Spoken
from pipeline.engines.whisper.model import Plan, is_english_only, load, locate
from pipeline.engines.whisper.session import Session
from pipeline.engines.whisper.spectrogram import Spectrogram
from pipeline.engines.whisper.speech import Probe, SileroProbe, anything
from pipeline.engines.whisper.windows import GrowingSound, Window
from pipeline.messages.language import AUTO

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_log = structlog.get_logger(__name__)

NAME = "faster_whisper"
FAMILY = "whisper"
"""What its language codes are listed under."""
ENGLISH = "en"
SESSIONS = 32
"""Utterances at once that one process is given; how many it sustains depends on the machine (`make bench-stt`)."""


class Engine:
    """Hears what the model knows, and detects the language where it is asked for `auto`.

    Windows of all utterances share one batcher. Nothing that was said before goes into a prompt
    (`condition_on_previous_text` is off): what was misheard once would be misheard again.
    """

    Options = FasterWhisperOptions
    info: ClassVar[EngineInfo] = EngineInfo(
        name=NAME,
        stage="recognition",
        licence="MIT",
        model_licence="MIT",
        where="in process",
        streams=True,
        concurrency=SESSIONS,
        quality=80,
    )

    def __init__(self, options: FasterWhisperOptions = FasterWhisperOptions()) -> None:  # noqa: B008 - it is frozen
        self.check(options)
        self._options = options
        self._folder = locate(options)
        self.languages = _languages(english_only=is_english_only(options, self._folder))
        self._stack = AsyncExitStack()
        self._started: _Started | None = None
        self._speakers = SpeakersLanguages()
        # Those that somebody still holds.
        self._sessions: WeakSet[Session] = WeakSet()

    @classmethod
    def check(cls, options: FasterWhisperOptions = FasterWhisperOptions()) -> None:  # noqa: B008 - it is frozen
        if importlib.util.find_spec("faster_whisper") is None:
            why = "the Python package faster-whisper is not installed"
            raise EngineUnavailableError(why, "pip install faster-whisper")
        locate(options)

    async def __aenter__(self) -> Self:
        """Load the model. Raises as `load`."""
        model, plan = await asyncio.to_thread(load, self._options, self._folder)
        self.languages = _languages(english_only=not model.model.is_multilingual)
        if model.model.is_multilingual:
            # Older models have no Cantonese, say.
            knows = model.hf_tokenizer.token_to_id
            self.languages = frozenset(
                tag for tag in self.languages if tag == AUTO or knows(f"<|{codes.code(FAMILY, tag)}|>") is not None
            )
        decoding = Decoding(model, self._options)
        batcher: Batcher[Job, Words] = Batcher(
            decoding.decode,
            fits=lambda first, other: first.fits(other, pads=plan.device == "cuda"),
            most=self._options.max_batch_size,
            wait_s=self._options.batch_wait_ms / 1000,
            queue=self._options.queue,
            owners=lambda: sum(not session.over for session in self._sessions),
        )
        async with AsyncExitStack() as stack:
            self._started = _Started(model, plan, decoding, await stack.enter_async_context(batcher), self._silero())
            await asyncio.to_thread(self._warm, self._started)
            self._stack = stack.pop_all()
        _log.info("whisper_loaded", model=self._folder.name, device=plan.device, compute_type=plan.compute_type)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()
        self._started = None

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> Session:
        if language not in self.languages:
            raise UnsupportedLanguageError(f"{NAME} does not hear {language} with this model")
        if (started := self._started) is None:
            raise EngineError("the engine has ended")
        spoken = self._spoken(language, speaker)

        def heard() -> None:
            if isinstance(spoken, LanguageChoice):
                self._speakers.learn(speaker, spoken.code)

        session = Session(
            self._sound(started),
            started.batcher,
            self._options,
            started.plan,
            prompt=started.decoding.prompt(hints),
            language=spoken,
            heard=heard,
        )
        self._sessions.add(session)
        return session

    def _spoken(self, language: str, speaker: str) -> Spoken:
        if language != AUTO:
            return FixedLanguage(language, codes.code(FAMILY, language))
        return LanguageChoice(
            self._speakers.recall(speaker),
            switch=self._options.detect_switch,
            from_s=self._options.detect_from_s,
            allowed=[codes.code(FAMILY, tag) for tag in self._options.detect],
            tag_of=lambda code: codes.tag_of(FAMILY, code) or code,
        )

    def _sound(self, started: "_Started") -> GrowingSound:
        probe: Probe = anything if started.silero is None else SileroProbe(started.silero)
        return GrowingSound(
            Spectrogram(started.model.feature_extractor.mel_filters),
            probe,
            threshold=self._options.vad_threshold,
            normalize=self._options.normalize_audio,
        )

    def _silero(self) -> Any:
        """Load Silero's ONNX session, if it is to be asked."""
        if not self._options.vad_filter:
            return None
        from faster_whisper.vad import get_vad_model

        return get_vad_model().session

    def _warm(self, started: "_Started") -> None:
        """Decode a second of silence: the first batch on a GPU takes far longer than any later one."""
        sound = self._sound(started)
        sound.take(bytes(32_000))
        width = round(started.plan.pad_to_s * 100)
        features = sound.features(Window(0, 0), width)
        started.decoding.decode([Job(features, 100, 0, (), started.plan.beam_size, ENGLISH)])


class _Started:
    """What there is while the engine runs."""

    def __init__(
        self, model: "WhisperModel", plan: Plan, decoding: Decoding, batcher: Batcher[Job, Words], silero: Any
    ) -> None:
        self.model = model
        self.plan = plan
        self.decoding = decoding
        self.batcher = batcher
        # None: nobody asks for it.
        self.silero = silero


def _languages(*, english_only: bool) -> frozenset[str]:
    return frozenset({ENGLISH}) if english_only else codes.tags(FAMILY) | {AUTO}
