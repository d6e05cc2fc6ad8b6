"""The three stages: what they are called, and a worker for each, whichever process it runs in."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from pipeline.bus.bus import Bus
from pipeline.bus.topics import RECOGNITION_GROUP, SYNTHESIS_GROUP, TRANSLATION_GROUP
from pipeline.engines.engine import EngineInfo
from pipeline.engines.synthesizer import Voicer
from pipeline.engines.transcriber import Transcriber
from pipeline.engines.translator import Translator
from pipeline.messages import AudioChunk, Transcript, Translation
from pipeline.messages.worker_status import Stage as StageName
from pipeline.recognition import RecognitionStage
from pipeline.settings import PipelineSettings, StageCommand
from pipeline.stage import Stage
from pipeline.synthesis import SynthesisStage
from pipeline.translation import TranslationStage
from pipeline.worker import Worker


class NamedVoicer(Voicer, Protocol):
    """A voicer that says which engine it is."""

    @property
    def info(self) -> EngineInfo: ...


class EngineSet(Protocol):
    """One engine for each stage, started by whoever owns them."""

    @property
    def transcriber(self) -> Transcriber: ...
    @property
    def translator(self) -> Translator: ...
    @property
    def voicer(self) -> NamedVoicer: ...


def _recognition(engines: EngineSet, settings: PipelineSettings) -> RecognitionStage:
    return RecognitionStage(engines.transcriber, settings.recognition)


def _translation(engines: EngineSet, settings: PipelineSettings) -> TranslationStage:
    return TranslationStage(engines.translator, settings.translation)


def _synthesis(engines: EngineSet, settings: PipelineSettings) -> SynthesisStage:
    return SynthesisStage(engines.voicer, settings.synthesis, engine=engines.voicer.info.name)


class StageKind(NamedTuple):
    """One of the three."""

    name: StageName
    topic: str
    group: str
    new: Callable[[EngineSet, PipelineSettings], Stage[Any]]
    # Which engine of a set it asks, and whether that can do anything.
    engine: Callable[[EngineSet], str]
    works: Callable[[EngineSet], bool]


STAGES: Mapping[StageCommand, StageKind] = {
    "stt": StageKind(
        "recognition",
        AudioChunk.TOPIC,
        RECOGNITION_GROUP,
        _recognition,
        lambda engines: engines.transcriber.info.name,
        lambda engines: bool(engines.transcriber.languages),
    ),
    "translation": StageKind(
        "translation",
        Transcript.TOPIC,
        TRANSLATION_GROUP,
        _translation,
        lambda engines: engines.translator.info.name,
        lambda engines: bool(engines.translator.pairs),
    ),
    "tts": StageKind(
        "synthesis",
        Translation.TOPIC,
        SYNTHESIS_GROUP,
        _synthesis,
        lambda engines: engines.voicer.info.name,
        lambda engines: bool(engines.voicer.languages),
    ),
}
"""By their names on the command line, in the order in which an utterance passes them."""


def new_worker(
    stage: StageCommand, bus: Bus, engines: EngineSet, settings: PipelineSettings, *, worker_id: str = ""
) -> Worker[Any]:
    """Make a worker of a stage. `worker_id` names it, in its group as well, across restarts; empty: each is another."""
    kind = STAGES[stage]
    made: Stage[Any] = kind.new(engines, settings)
    return Worker(bus, kind.topic, kind.group, made, settings.worker, worker_id=worker_id, member=worker_id)
