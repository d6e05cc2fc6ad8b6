"""Takes texts from the bus and gives each reader of a room the captions that are for them."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator

import msgspec
import structlog
from prometheus_client import Counter

from pipeline.bus.bus import Bus
from pipeline.messages import Message, Transcript, Translation
from signaling.background import running
from signaling.captions.audience import Audience, CaptionSink
from signaling.captions.caption import Caption, Reader, Text
from signaling.captions.catch_up import CatchUp
from signaling.captions.settings import CaptionSettings
from signaling.outbox import DROPPED
from signaling.rooms import Rooms

SENT = Counter("parley_captions_sent_total", "Captions given to readers", ["kind"])
RESTARTS = Counter("parley_caption_feed_restarts_total", "Times the captions' subscription failed and was opened anew")

# Seconds before a subscription that failed is opened anew.
_RETRY_S = 1.0
# What somebody who was there and comes back is shown at least: about as long as their place is kept.
_BACK_MINUTES = 1.0
_NEVER_MS = 1 << 62

Keeper = Callable[[Text, str | None], None]
"""Takes a final text of a room whose transcript is kept, and its speaker's name. Never blocks, never raises."""

_log = structlog.get_logger(__name__)


class CaptionFeed:
    """The captions of all rooms of this node.

    A room is remembered as long as it is open here, somebody reads in it, or its transcript is kept. It says to the
    media server which rooms' words are wanted, and in which languages.
    """

    def __init__(
        self,
        bus: Bus,
        rooms: Rooms,
        *,
        history: int,
        expiry_ms: int,
        settings: CaptionSettings | None = None,
        minutes_of: Callable[[str], float | None] = lambda _: None,
    ) -> None:
        """`minutes_of` gives for how long a room says its captions are shown to late joiners; None: as in settings."""
        self._bus = bus
        self._rooms = rooms
        self._history = history
        self._expiry_ms = expiry_ms
        self._settings = settings or CaptionSettings()
        self._minutes_of = minutes_of
        self._audiences: dict[str, Audience] = {}
        self._catch_up = CatchUp(bus, self._give_up, limit_s=self._settings.history_limit_s)
        # Whoever keeps transcripts; set before the feed is opened.
        self.keeper: Keeper = lambda *_: None
        # Whether captions come in now.
        self.running = False

    def is_read(self, room_id: str) -> bool:
        """Whether anybody reads the captions of a room."""
        audience = self._audiences.get(room_id)
        return audience is not None and bool(audience.readers)

    @contextlib.contextmanager
    def reading(
        self, room_id: str, reader: Callable[[], Reader], sink: CaptionSink, *, after: str | None = None
    ) -> Iterator[None]:
        """Give a reader the room's last captions, and then those to come, while the block runs.

        With the cursor of an earlier caption in `after`, only what came behind it.
        """
        audience = self._audience(room_id)
        key = object()
        self._begin(room_id, audience, key, reader(), sink, after)
        audience.readers[key] = (reader, sink)
        self._tell_media_server(room_id)
        try:
            yield
        finally:
            del audience.readers[key]
            audience.caught_up.pop(key, None)
            self._tell_media_server(room_id)
            self._drop_unused(room_id)

    def replay(self, room_id: str, reader: Reader, *, after: str | None = None, is_back: bool = False) -> list[Caption]:
        """Give the last captions of a room that is remembered, oldest first: at most as many as clauses are.

        Who `is_back`, or shows a cursor of this room, was there: they are shown the last minute at least.
        """
        audience = self._audiences.get(room_id)
        if audience is None:
            return []
        least = _BACK_MINUTES if is_back or audience.captions.knows(after) else 0.0
        since_ms = self._since_ms(room_id, least)
        captions = audience.captions.replay(reader, self._rooms.paths.can_read, since_ms=since_ms, after=after)
        return [self._named(audience, room_id, caption) for caption in captions[-self._history :]]

    def refresh(self, room_id: str) -> None:
        """Notice that readers of a room read another language: they are given the last captions in it."""
        audience = self._audiences.get(room_id)
        if audience is None:
            return
        for key, (reader, sink) in list(audience.readers.items()):
            if audience.caught_up.get(key) != reader().language:
                self._begin(room_id, audience, key, reader(), sink, None)
        self._tell_media_server(room_id)

    def keep(self, room_id: str, *, kept: bool, followed: bool) -> None:
        """Let what is said in a room be recognised, since it is kept; and give its texts to `keeper`. Or no longer.

        A room that has ended may still be followed, for what comes late.
        """
        if kept or followed or room_id in self._audiences:
            audience = self._audience(room_id)
            audience.kept, audience.followed = kept, followed
            self._tell_media_server(room_id)
            self._drop_unused(room_id)

    def end(self, room_id: str) -> None:
        """Forget what was said in a room: it has ended. Who still reads there goes on with what comes next."""
        self._catch_up.forget(room_id)
        audience = self._audiences.get(room_id)
        if audience is not None:
            audience.begin_anew()
            self._drop_unused(room_id)

    def recent(self, room_id: str) -> list[Text]:
        """Give what is remembered of a room, oldest first: to be restored by another node."""
        audience = self._audiences.get(room_id)
        return audience.captions.texts if audience else []

    def restore(self, room_id: str, texts: Iterable[Text]) -> None:
        """Remember texts that another node had, in place of nothing: what is there already stays as it is.

        Whoever reads already is shown what is new to them.
        """
        audience = self._audience(room_id)
        audience.awaited_until = time.monotonic() + self._settings.restored_for_s
        for text in texts:
            if audience.captions.take(text):
                self._show(audience, text)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep the subscription while the block runs. Whatever breaks it is logged, and it is opened anew."""
        try:
            async with running(self._run(), name="caption-feed"):
                yield
        finally:
            await self._catch_up.close()

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
        """Whether a record is of a room whose captions somebody reads, or may come to read, here."""
        room_id = key.partition("/")[0]
        return room_id in self._audiences or self._rooms.get(room_id) is not None

    def take(self, message: Message) -> None:
        """Give one text to whom it is for."""
        if not isinstance(message, Transcript | Translation):
            return
        if not self._wants(message.key):
            return
        audience = self._audience(message.room_id)
        self._keep_text(audience, message)
        is_answer = False
        if isinstance(message, Translation):
            self._catch_up.answered(message)
            is_answer = audience.captions.take_answer(message)
        if not audience.captions.take(message) and not is_answer:
            return
        if message.purpose == "history" and isinstance(message, Transcript):
            return  # somebody's question, or another node's
        if message.purpose == "live" and self._is_stale(message):
            DROPPED.labels("expired").inc()
            return
        self._show(audience, message)
        self._tell_delay(message)

    def _is_stale(self, text: Text) -> bool:
        return text.ended_at_ms > 0 and time.time() * 1000 - text.ended_at_ms > self._expiry_ms

    def _tell_delay(self, text: Text) -> None:
        """Let the room know how late a final caption is."""
        room = self._rooms.get(text.room_id)
        if room is None or text.purpose != "live" or not (text.is_final and text.payload and text.ended_at_ms > 0):
            return
        source = text.source_language if isinstance(text, Translation) else text.language
        room.captioned(source, text.language, max(0, round(time.time() * 1000) - text.ended_at_ms))

    def _show(self, audience: Audience, text: Text) -> None:
        # Many read the same: all but the speaker who want the same.
        shown: dict[object, Caption | None] = {}
        count = 0
        for read, sink in list(audience.readers.values()):
            reader = read()
            same = reader if reader.participant_id == text.user_id else reader[1:]
            if same not in shown:
                caption = audience.captions.show(reader, text, self._rooms.paths.can_read)
                shown[same] = caption and self._named(audience, text.room_id, caption)
            caption = shown[same]
            if caption is not None:
                sink(caption)
                count += 1
        SENT.labels("final" if text.is_final else "interim").inc(count)

    # Those who come late.

    def _begin(
        self, room_id: str, audience: Audience, key: object, reader: Reader, sink: CaptionSink, after: str | None
    ) -> None:
        """Give a reader what came before, and have translated for them what of it they cannot read."""
        audience.caught_up[key] = reader.language
        asked = self._missing(room_id, audience, reader)
        for caption in self.replay(room_id, reader, after=after):
            sink(caption)
        if asked and reader.language is not None:
            self._catch_up.ask(room_id, reader.language, asked)

    def _missing(self, room_id: str, audience: Audience, reader: Reader) -> list[Transcript]:
        is_on = self.running and self._settings.translate_history
        if not is_on or reader.language is None or not reader.translated:
            return []
        if not audience.may_ask(reader.language):
            return []
        return audience.captions.missing(reader.language, self._rooms.paths.can_read, self._since_ms(room_id))

    def _give_up(self, room_id: str, language: str) -> None:
        """Show what was held back: its translation does not come."""
        audience = self._audiences.get(room_id)
        if audience is not None:
            for text in audience.captions.give_up(language):
                self._show(audience, text)

    def _minutes(self, room_id: str) -> float:
        minutes = self._minutes_of(room_id)
        return self._settings.minutes if minutes is None else minutes

    def _since_ms(self, room_id: str, least: float = 0.0) -> int:
        """Say where the past begins for those who come late (epoch milliseconds): in the future if it is off."""
        minutes = max(least, self._minutes(room_id))
        return int(time.time() * 1000 - minutes * 60_000) if minutes > 0 else _NEVER_MS

    # Rooms.

    def _audience(self, room_id: str) -> Audience:
        if room_id not in self._audiences:
            for other in list(self._audiences):
                self._drop_unused(other)
        return self._audiences.setdefault(room_id, self._new_audience())

    def _new_audience(self) -> Audience:
        return Audience(self._history, most_languages=self._settings.languages_per_room)

    def _drop_unused(self, room_id: str) -> None:
        audience = self._audiences.get(room_id)
        if audience is None or audience.is_used or self._rooms.get(room_id) is not None:
            return
        if audience.awaited_until <= time.monotonic():
            self._catch_up.forget(room_id)
            del self._audiences[room_id]

    def _tell_media_server(self, room_id: str) -> None:
        audience = self._audiences[room_id]
        wanted = audience.wanted
        if wanted != audience.told:
            audience.told = wanted
            self._rooms.set_readers(room_id, wanted)

    def _keep_text(self, audience: Audience, text: Text) -> None:
        if audience.followed and text.is_final:
            self.keeper(text, self._name(audience, text.room_id, text.user_id))

    def _named(self, audience: Audience, room_id: str, caption: Caption) -> Caption:
        return msgspec.structs.replace(caption, speaker_name=self._name(audience, room_id, caption.speaker_id))

    def _name(self, audience: Audience, room_id: str, speaker_id: str) -> str | None:
        room = self._rooms.get(room_id)
        speaker = room.participants.get(speaker_id) if room is not None else None
        return audience.name(speaker_id, None if speaker is None else speaker.info.name)
