"""Takes texts from the bus and gives each reader of a room the captions that are for them."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator

import structlog
from prometheus_client import Counter

from pipeline.bus.bus import Bus
from pipeline.messages import Message, Transcript, Translation
from signaling.captions.caption import Caption, Reader, RoomCaptions, Text, choose
from signaling.outbox import DROPPED
from signaling.rooms import Rooms

SENT = Counter("parley_captions_sent_total", "Captions given to readers", ["kind"])
RESTARTS = Counter("parley_caption_feed_restarts_total", "Times the captions' subscription failed and was opened anew")

# Seconds before a subscription that failed is opened anew.
_RETRY_S = 1.0

CaptionSink = Callable[[Caption], None]
"""Takes a caption for one reader. Never blocks, never raises."""

_log = structlog.get_logger(__name__)


class _Audience:
    """Who reads in one room."""

    def __init__(self, history: int) -> None:
        self.captions = RoomCaptions(history)
        # Asked anew for each caption, since languages change in mid-call.
        self.readers: dict[object, tuple[Callable[[], Reader], CaptionSink]] = {}


class CaptionFeed:
    """The captions of all rooms of this node. A room is remembered as long as somebody reads in it."""

    def __init__(self, bus: Bus, rooms: Rooms, *, history: int, expiry_ms: int) -> None:
        self._bus = bus
        self._rooms = rooms
        self._history = history
        self._expiry_ms = expiry_ms
        self._audiences: dict[str, _Audience] = {}
        # Whether captions come in now.
        self.running = False

    def is_read(self, room_id: str) -> bool:
        """Whether anybody reads the captions of a room."""
        return room_id in self._audiences

    @contextlib.contextmanager
    def reading(self, room_id: str, reader: Callable[[], Reader], sink: CaptionSink) -> Iterator[None]:
        """Give a reader the room's last captions, and then those to come, while the block runs."""
        audience = self._audiences.setdefault(room_id, _Audience(self._history))
        key = object()
        for caption in self.replay(room_id, reader()):
            sink(caption)
        audience.readers[key] = (reader, sink)
        try:
            yield
        finally:
            del audience.readers[key]
            if not audience.readers:
                self._audiences.pop(room_id, None)

    def replay(self, room_id: str, reader: Reader) -> list[Caption]:
        """Give the last captions of a room that is read, oldest first: at most as many as clauses are remembered."""
        audience = self._audiences.get(room_id)
        captions = audience.captions.replay(reader, self._rooms.paths.can) if audience else []
        return captions[-self._history :]

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep the subscription while the block runs. Whatever breaks it is logged, and it is opened anew."""
        task = asyncio.create_task(self._run(), name="caption-feed")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            try:
                topics = (Transcript.TOPIC, Translation.TOPIC)
                async with self._bus.subscribe(*topics, group="captions", wants=self._wants) as records:
                    self.running = True
                    async for record in records:
                        self.take(record.message)
                return  # the bus is closed
            except Exception:  # nobody awaits this task: captions must outlive one bad record
                _log.exception("caption_feed_failed")
                RESTARTS.inc()
            finally:
                self.running = False
            await asyncio.sleep(_RETRY_S)

    def _wants(self, key: str) -> bool:
        """Whether a record is of a room whose captions somebody reads here."""
        return key.partition("/")[0] in self._audiences

    def take(self, message: Message) -> None:
        """Give one text to whom it is for."""
        if not isinstance(message, Transcript | Translation):
            return
        audience = self._audiences.get(message.room_id)
        if audience is None or not audience.captions.take(message):
            return
        if message.purpose == "history":
            return  # for late joiners only
        if message.purpose == "live" and self._is_stale(message):
            DROPPED.labels("expired").inc()
            return
        self._show(audience, message)

    def _is_stale(self, text: Text) -> bool:
        return text.ended_at_ms > 0 and time.time() * 1000 - text.ended_at_ms > self._expiry_ms

    def _show(self, audience: _Audience, text: Text) -> None:
        for reader, sink in audience.readers.values():
            caption = choose(reader(), text, self._rooms.paths.can)
            if caption is not None:
                sink(caption)
                SENT.labels("final" if caption.is_final else "interim").inc()
