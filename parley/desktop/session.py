"""Captions of a room, or of what this computer hears, for as long as they are wanted: connections that come again."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from typing import Literal

from parley.client.audio_socket import AudioSocket
from parley.client.backoff import Backoff, BackoffSettings
from parley.client.captions import Captions
from parley.client.errors import BROKEN, ClientError, closed
from parley.client.events import Caption, Failed, ParticipantUpdated
from parley.client.messages import Join, SetLanguages
from parley.client.signaling import SignalingSettings
from parley.client.tokens import TokenSource
from parley.desktop.capture import Capture, Ear
from parley.desktop.commands import SPOKEN
from parley.desktop.trouble import trouble_with

PAUSES = BackoffSettings(first_s=0.5, most_s=15.0)
"""Between two tries to reach a server; it is tried for ever."""
STEADY_S = 10.0
"""A connection that held for so long is made anew at once; what breaks sooner and again is waited for."""
# The client's own patience is none: each break is to be told in the window, and is mended here.
_NO_PATIENCE = BackoffSettings(give_up_s=-1.0)

Part = Literal["captions", "sound", "microphone"]
"""What may be in trouble: reading, being heard, recording."""


@dataclass(frozen=True)
class Wishes:
    """What somebody wants to read, or to say."""

    url: str
    room: str
    token: TokenSource = None
    # Whether each connection gets a new token.
    renews: bool = True
    # The language of the captions; None: as it is said.
    reads: str | None = None
    # The language that is spoken; `auto`: recognition finds out. Of no interest without an ear.
    speaks: str = "auto"
    # None: nobody talks here, the room's captions are read.
    ear: Ear | None = None
    name: str = "Desktop"


class SessionOverError(Exception):
    """It cannot go on; the message says why, for people."""


class Tells:
    """What a session tells; each is called in its event loop and must not block."""

    def caption(self, caption: Caption) -> None:
        """Take a caption."""

    def trouble(self, part: Part, words: str) -> None:
        """Take what keeps a part from working; no words: it works."""

    def note(self, words: str) -> None:
        """Take something to know now, which changes nothing."""


CaptureFactory = Callable[[Ear, Callable[[str], None]], Capture]


class Session:
    """`await Session(wishes, tells).run()` until it is cancelled. Languages and pauses are changed meanwhile."""

    def __init__(self, wishes: Wishes, tells: Tells, *, capture: CaptureFactory = Capture) -> None:
        self.wishes = wishes
        self._tells = tells
        self._capture = capture
        # Of ours, all that there were: after a broken connection the last words of the one before still come.
        self._mine: set[str] = set()
        self._place: AudioSocket | None = None
        # Whatever is not later than this was said before we came, by somebody with the same invitation say.
        self._before_ms = -1
        # The languages that the server took last, to go back to.
        self._reads, self._speaks = wishes.reads, wishes.speaks
        # Set to have captions read in another language; set while they are read.
        self._other = asyncio.Event()
        self._reading = asyncio.Event()
        self._listening = asyncio.Event()
        self._listening.set()
        self._asked: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Read, and if there is an ear, be heard.

        Raises:
            SessionOverError: the server wants no more of us.
        """
        parts = [asyncio.create_task(self._keep("captions", self._read), name="desktop-captions")]
        if self.wishes.ear is not None:
            parts.append(asyncio.create_task(self._keep("sound", self._speak), name="desktop-sound"))
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (*parts, *self._asked):
                task.cancel()
            await asyncio.gather(*parts, *self._asked, return_exceptions=True)

    @property
    def is_paused(self) -> bool:
        """Whether nothing is recorded for the moment."""
        return not self._listening.is_set()

    def pause(self) -> None:
        """Record nothing, until `resume`."""
        self._listening.clear()

    def resume(self) -> None:
        """Record again."""
        self._listening.set()

    def read(self, tag: str) -> None:
        """Have captions in another language from now on; `spoken`: as it is said."""
        self.wishes = replace(self.wishes, reads=None if tag == SPOKEN else tag)
        self._other.set()

    def speak(self, tag: str) -> None:
        """Speak another language from now on. One that the server does not take is told as trouble."""
        self.wishes = replace(self.wishes, speaks=tag)
        place = self._place
        if place is not None:
            task = asyncio.create_task(self._tell_language(place, tag), name="desktop-language")
            self._asked.add(task)
            task.add_done_callback(self._asked.discard)

    async def _tell_language(self, place: AudioSocket, tag: str) -> None:
        # Broken meanwhile: the next connection begins with it.
        with contextlib.suppress(ClientError):
            await place.send(SetLanguages(speaking_language=tag))

    # Connections.

    async def _keep(self, part: Part, serve: Callable[[], AsyncGenerator[None]]) -> None:
        """Serve again and again. `serve` yields once it works, and ends or raises when it works no more."""
        loop = asyncio.get_running_loop()
        backoff = Backoff(PAUSES)
        while True:
            since: float | None = None
            try:
                async with contextlib.aclosing(serve()) as serving:
                    async for _ in serving:
                        since = loop.time()
                        self._tells.trouble(part, "")
            except ClientError as error:
                trouble = trouble_with(error, self.wishes.url, renews=self.wishes.renews)
                if trouble.again:
                    self._tells.trouble(part, trouble.words)
                elif not self._went_back(part):
                    raise SessionOverError(trouble.words) from None
            else:
                backoff.reset()
            if since is not None and loop.time() - since > STEADY_S:
                backoff.reset()
            await asyncio.sleep(backoff.pause_s())

    def _went_back(self, part: Part) -> bool:
        """Go back to the language that the server took, if another one may be what it refuses."""
        wishes = self.wishes
        if part == "captions" and wishes.reads != self._reads:
            self._tells.note(f"The server gives no captions in {wishes.reads!r}; they stay as they were.")
            self.wishes = replace(wishes, reads=self._reads)
        elif part == "sound" and wishes.speaks != self._speaks:
            self._tells.note(f"The server does not take {wishes.speaks!r} as a language that is spoken.")
            self.wishes = replace(wishes, speaks=self._speaks)
        else:
            return False
        return True

    async def _read(self) -> AsyncGenerator[None]:
        """Read captions, until the connection breaks or another language is wanted."""
        wishes = self.wishes
        self._other.clear()
        captions = Captions(
            wishes.url,
            wishes.room,
            token=wishes.token,
            language=wishes.reads,
            translate=wishes.reads is not None,
            interim=True,
            backoff=_NO_PATIENCE,
        )
        async with captions:
            self._reading.set()
            yield
            reading = asyncio.create_task(self._pass_on(captions), name="desktop-reading")
            await _first(reading, asyncio.create_task(self._other.wait(), name="desktop-other"))

    async def _pass_on(self, captions: Captions) -> None:
        async for caption in captions:
            self._reads = self.wishes.reads
            if self.wishes.ear is None:
                self._tells.caption(caption)
            elif not self._mine:
                self._before_ms = max(self._before_ms, caption.timestamp_ms)
            elif caption.speaker_id in self._mine and caption.timestamp_ms > self._before_ms:
                self._tells.caption(caption)
        raise closed(BROKEN)

    async def _speak(self) -> AsyncGenerator[None]:
        """Be heard, until the connection breaks."""
        # Whoever reads is the reason to recognise what is said.
        await self._reading.wait()
        wishes = self.wishes
        who = Join(name=wishes.name, speaking_language=wishes.speaks, captions=False)
        settings = SignalingSettings(backoff=_NO_PATIENCE)
        place = AudioSocket(wishes.url, wishes.room, who, token=wishes.token, settings=settings)
        place.receives = False
        async with place:
            self._mine.add(place.participant_id)
            self._place = place
            yield
            try:
                listening = asyncio.create_task(self._listen(place), name="desktop-listening")
                await _first(listening, asyncio.create_task(self._watch(place), name="desktop-watching"))
            finally:
                self._place = None

    async def _watch(self, place: AudioSocket) -> None:
        """Pass on what the server refuses, and end with the connection."""
        async for event in place.events.read():
            if isinstance(event, Failed) and event.in_reply_to == "set_languages":
                self.wishes = replace(self.wishes, speaks=self._speaks)
                self._tells.note(f"The server does not take this language: {event.message or event.code}")
            elif isinstance(event, ParticipantUpdated) and event.participant.participant_id == place.participant_id:
                self._speaks = event.participant.speaking_language
        raise closed(BROKEN)

    async def _listen(self, place: AudioSocket) -> None:
        """Send what is recorded, with pauses when they are wanted. While paused, no microphone is open."""
        ear = self.wishes.ear or Ear("microphone")
        while True:
            await self._listening.wait()
            async with self._capture(ear, self._tell_microphone) as capture:
                while self._listening.is_set():
                    await place.send_sound(await capture.frame())

    def _tell_microphone(self, words: str) -> None:
        self._tells.trouble("microphone", words)


async def _first(*tasks: asyncio.Task[object]) -> None:
    """Wait for the first to end, end the others, and raise what it raised."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def private_room() -> str:
    """Give a room that nobody else knows of."""
    return f"desktop-{secrets.token_urlsafe(12)}"
