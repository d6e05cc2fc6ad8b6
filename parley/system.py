"""The composition root: a whole Parley in one process group, its parts started in order and stopped in reverse."""

from contextlib import AsyncExitStack
from typing import Protocol, Self

import structlog

from media_server.rooms import Rooms
from media_server.rtc.endpoint import RtcEndpoint
from parley.settings import Settings
from parley.supervisor import supervised
from pipeline.bus.bus import Bus
from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import RECOGNITION_GROUP, SYNTHESIS_GROUP, TRANSLATION_GROUP
from pipeline.engines.engine import EngineInfo
from pipeline.engines.engines import Engines
from pipeline.engines.synthesizer import Voicer
from pipeline.engines.transcriber import Transcriber
from pipeline.engines.translator import Translator
from pipeline.messages import AudioChunk, Transcript, Translation
from pipeline.recognition import RecognitionStage
from pipeline.synthesis import SynthesisStage
from pipeline.translation import TranslationStage
from pipeline.worker import Worker
from signaling.app import build_app
from signaling.door import DOOR
from signaling.health import Health
from signaling.server import serving

_log = structlog.get_logger(__name__)


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


class System:
    """Engines, bus, workers, media port, rooms and door. `async with System(settings) as system`.

    Close cascade: the door (sockets are told and closed), the rooms (participants, peers, what ingest still holds), the
    workers (what is in work is drained), the engines' processes, the bus, the media port.
    """

    def __init__(self, settings: Settings | None = None, *, engines: EngineSet | None = None) -> None:
        """With `engines`, these are used and left running; otherwise the settings' own are started and ended."""
        self.settings = settings or Settings()
        self._engines = engines
        self._stack = AsyncExitStack()
        self.bus: Bus
        self.rooms: Rooms
        # Where the page is, `http://host:port`.
        self.url = ""
        self._health: Health

    async def __aenter__(self) -> Self:
        """Start everything.

        Raises:
            OSError: a port is taken, or an address is not of this machine.
        """
        async with AsyncExitStack() as stack:
            endpoint = await stack.enter_async_context(RtcEndpoint(self.settings.rtc))
            bus = self.bus = await stack.enter_async_context(MemoryBus(self.settings.pipeline.bus))
            engines = await self._engine_set(stack)
            await self._start_workers(stack, bus, engines)
            self.rooms = await stack.enter_async_context(
                Rooms(bus=bus, new_peer=endpoint.new_peer, settings=self.settings.media)
            )
            # Where a stage has no engine there is nothing to wait for: everybody hears everybody as they are.
            complete = engines.transcriber.languages and engines.translator.pairs and engines.voicer.languages
            needs = {"workers": lambda: self.rooms.paths.works} if complete else {}
            app = build_app(self.rooms, bus, self.settings.signaling, needs=needs)
            self._health = app[DOOR].health
            self.url = await stack.enter_async_context(serving(app))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def drain(self) -> None:
        """Take nobody new, tell everybody, and let what is being said come to its end (see `Rooms.drain`).

        What remains is to leave the block. Cancelling costs the waiting only.
        """
        self._health.drain()
        await self.rooms.drain()

    async def _engine_set(self, stack: AsyncExitStack) -> EngineSet:
        if self._engines is not None:
            return self._engines
        return await stack.enter_async_context(Engines.start(self.settings.engines))

    async def _start_workers(self, stack: AsyncExitStack, bus: Bus, engines: EngineSet) -> None:
        settings = self.settings.pipeline

        def recognition() -> Worker[AudioChunk]:
            stage = RecognitionStage(engines.transcriber, settings.recognition)
            return Worker(bus, AudioChunk.TOPIC, RECOGNITION_GROUP, stage, settings.worker)

        def translation() -> Worker[Transcript]:
            stage = TranslationStage(engines.translator, settings.translation)
            return Worker(bus, Transcript.TOPIC, TRANSLATION_GROUP, stage, settings.worker)

        def synthesis() -> Worker[Translation]:
            stage = SynthesisStage(engines.voicer, settings.synthesis, engine=engines.voicer.info.name)
            return Worker(bus, Translation.TOPIC, SYNTHESIS_GROUP, stage, settings.worker)

        await stack.enter_async_context(supervised(recognition, name="recognition"))
        await stack.enter_async_context(supervised(translation, name="translation"))
        await stack.enter_async_context(supervised(synthesis, name="synthesis"))
