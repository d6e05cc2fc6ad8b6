"""All rooms of this node, and what they share: the way to the bus and back, the paths, the books, the tick."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import structlog
from prometheus_client import Gauge

from media_server.analysis.analyser import Analysis
from media_server.announcer import Announcer
from media_server.clock import Clock, LoopClock, Timer
from media_server.close_reason import CloseReason
from media_server.drain import Drain
from media_server.ingest import AudioIngestService
from media_server.ledger import Ledger
from media_server.paths import Paths
from media_server.peer import PeerFactory
from media_server.room import Room
from media_server.sequence import Sequence
from media_server.settings import MediaSettings
from media_server.speaker import AnalyserFactory
from pipeline.bus.bus import Bus, Subscription
from pipeline.messages import Message, RoomSettings, Speech, Transcript, WorkerStatus

ROOMS = Gauge("parley_rooms", "Rooms on this node")

_log = structlog.get_logger(__name__)


class Rooms:
    """Use it as `async with Rooms(...) as rooms`; leaving closes every room and sends what ingest still holds."""

    def __init__(
        self,
        *,
        bus: Bus,
        new_peer: PeerFactory,
        settings: MediaSettings | None = None,
        analyser_factory: AnalyserFactory | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Without an `analyser_factory` the speech model is loaded on entering."""
        self.settings = settings or MediaSettings()
        self._clock = clock or LoopClock()
        self._bus = bus
        self._new_peer = new_peer
        self._analyser_factory = analyser_factory
        # From whom to whom can be translated now.
        self.paths = Paths(self._clock, self.settings.status_stale_ms)
        # When each utterance passed each stage.
        self.ledger = Ledger(self._clock, self.settings.ledger_ms)
        self._rooms: dict[str, Room] = {}
        # Room -> the languages that are read in it, of rooms where somebody reads.
        self._readers: dict[str, frozenset[str]] = {}
        # Ended, with connections that are still being closed.
        self._ended: set[Room] = set()
        self._ingest = AudioIngestService(bus)
        self._announcer = Announcer(bus)
        self._stack = AsyncExitStack()
        self._timer: Timer | None = None
        self._next_tick = 0.0
        # When the bus last brought something, in the clock's seconds; None before the first time.
        self._record_at: float | None = None
        # The workers were out of reach, and have not all been heard of since.
        self._interrupted = False
        # Once told to stop.
        self._drain: Drain | None = None
        self._drained = asyncio.Event()

    async def __aenter__(self) -> Self:
        if self._analyser_factory is None:
            self._analyser_factory = await asyncio.to_thread(Analysis.load, self.settings.analysis)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._ingest)
            await stack.enter_async_context(self._announcer)
            topics = (Speech.TOPIC, Transcript.TOPIC, WorkerStatus.TOPIC)
            subscribing = self._bus.subscribe(*topics, group="rooms", wants=self._wants)
            subscription = await stack.enter_async_context(subscribing)
            reader = asyncio.create_task(self._read(subscription), name="rooms")
            stack.push_async_callback(_cancel, reader)
            stack.push_async_callback(self._close)
            self._stack = stack.pop_all()
        self._next_tick = self._clock.now()
        self._tick()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def open(self, room_id: str) -> Room:
        """Give the room of this name, a new one if there is none. It ends when the last participant leaves.

        Join it before anything is awaited, or it may have ended by then.

        Raises:
            RuntimeError: the rooms were not entered, or are closed.
        """
        room = self._rooms.get(room_id)
        if room is None:
            if self._timer is None or self._analyser_factory is None:
                raise RuntimeError("rooms can be opened only within `async with`")
            room = self._rooms[room_id] = Room(
                room_id,
                paths=self.paths,
                ledger=self.ledger,
                ingest=self._ingest,
                announce=self._announcer.announce,
                new_peer=self._new_peer,
                new_analyser=self._analyser_factory,
                settings=self.settings,
                clock=self._clock,
                on_end=self._room_ended,
            )
            if room_id in self._readers:
                room.set_readers(self._readers[room_id])
            ROOMS.inc()
            _log.info("room_opened", room_id=room_id)
        return room

    def set_readers(self, room_id: str, languages: frozenset[str] | None) -> None:
        """Hear in which languages the words said in a room are read by others than who listens in them.

        Empty: somebody reads what was said as it was said. It holds, whether the room is open or not, until something
        else is said: None when nobody reads there any more.
        """
        if languages is None:
            self._readers.pop(room_id, None)
        else:
            self._readers[room_id] = languages
        room = self._rooms.get(room_id)
        if room is not None:
            room.set_readers(languages)

    def announce(self, settings: RoomSettings) -> None:
        """Tell the workers what a room asks of them; what was said before does not hold any more. Never waits."""
        self._announcer.announce(settings)

    async def drain(self) -> None:
        """Tell everybody that the node stops, let what is being said come to its end, and begin nothing new.

        Returns when no utterance is open and no voice is to come (with the next tick, if nobody talks), at the latest
        after `drain_ms`, or when the rooms close; they are still to be closed. Cancelling costs the waiting only.
        """
        if self._drain is None:
            self._drain = Drain(self._clock.now(), self.settings.drain_ms / 1_000)
            for room in self:
                _guarded(room.room_id, room.drain)
        await self._drained.wait()

    def get(self, room_id: str) -> Room | None:
        """Give the room of this name, if there is one."""
        return self._rooms.get(room_id)

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    def __len__(self) -> int:
        return len(self._rooms)

    def _room_ended(self, room: Room) -> None:
        if self._rooms.pop(room.room_id, None) is not None:
            ROOMS.dec()
        self._ended.add(room)
        # What workers remember of it is to be forgotten.
        self._announcer.announce(RoomSettings(room_id=room.room_id, ended=True))
        _log.info("room_ended", room_id=room.room_id)

    @property
    def sequence(self) -> Sequence:
        """What numbers all sound of this node."""
        return self._ingest.sequence

    @property
    def record_age_s(self) -> float | None:
        """How long ago the bus last brought something that concerns this node; None if it never has."""
        return None if self._record_at is None else self._clock.now() - self._record_at

    def _wants(self, key: str) -> bool:
        """Whether a record concerns this node: those of workers' states, and those of its own rooms."""
        room_id, slash, _ = key.partition("/")
        return not slash or room_id in self._rooms

    async def _read(self, subscription: Subscription) -> None:
        """Take what the bus brings until it closes. One bad record costs that record."""
        async for record in subscription:
            self._record_at = self._clock.now()
            try:
                self._take(record.message)
            except Exception:
                _log.exception("record_failed", topic=record.topic, partition=record.partition, offset=record.offset)

    def _take(self, message: Message) -> None:
        if isinstance(message, WorkerStatus):
            if self.paths.update(message):
                self._paths_changed()
        elif isinstance(message, Speech | Transcript):
            room = self._rooms.get(message.room_id)
            if room is not None and isinstance(message, Speech):
                room.speech(message)
            elif room is not None and isinstance(message, Transcript) and message.purpose == "live":
                room.transcript(message)

    def _paths_changed(self) -> None:
        _log.info("paths_changed", recognisable=sorted(self.paths.recognisable), targets=self.paths.targets())
        resumes = self._interrupted and self.paths.works
        self._interrupted = self._interrupted and not resumes
        for room in self:
            if resumes:
                room.begin_anew()
            room.paths_changed()

    def _tick(self) -> None:
        """Let every room look at the time, and come back; a failure costs one room one tick."""
        period_s = self.settings.tick_ms / 1_000
        self._next_tick = max(self._next_tick + period_s, self._clock.now())
        self._timer = self._clock.call_at(self._next_tick, self._tick)
        _guarded("paths", self._tick_paths)
        for room in self:
            _guarded(room.room_id, room.tick)
        _guarded("ledger", self.ledger.tick)
        _guarded("drain", self._tick_drain)
        self._ended = {room for room in self._ended if room.closing}

    def _tick_paths(self) -> None:
        connected = self._bus.up and self._ingest.up
        if connected != self.paths.connected:
            self._interrupted = self._interrupted or not connected
            _log.warning("workers_reached" if connected else "workers_out_of_reach", rooms=len(self))
        if self.paths.connect(connected):
            self._paths_changed()

    def _tick_drain(self) -> None:
        now = self._clock.now()
        if self._drain is None or self._drained.is_set():
            return
        if self._drain.over(now) or not any(room.busy for room in self):
            self._drained.set()
        elif self._drain.cuts(now):
            for room in self:
                room.cut_short()

    async def _close(self) -> None:
        self._drained.set()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        rooms = [*self, *self._ended]
        await asyncio.gather(*(room.close(CloseReason.SHUTDOWN) for room in rooms))
        self.ledger.close()


def _guarded(what: str, step: Callable[[], None]) -> None:
    try:
        step()
    except Exception:
        _log.exception("tick_failed", what=what)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
