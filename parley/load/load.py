"""A run: everybody comes in, talks in turn, and writes down what they hear."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any

import aiohttp

from parley.client.audio_call import AudioCall
from parley.client.call import Call
from parley.client.errors import ClientError, ClosedError, RefusedError, RejectedError
from parley.client.events import Caption
from parley.client.messages import Join
from parley.client.tokens import dev_token
from parley.load.diary import Diary
from parley.load.plan import LoadPlan, Seat, Turn
from parley.load.progress import LoadProgress

Tokens = Callable[[str], Awaitable[str]]
"""Gives a token for a room, each time for another participant."""

READY_S = 0.5
"""A client is connected some milliseconds before the server has heard of it; what is said in between would be lost."""
SLOTS = 2
"""Of each kind and connection: one talks at a time in a room, and aiortc starts a thread for each slot."""
CHECK_S = 0.1
"""How often it is looked whether it is over."""


class Load:
    """One run. `await run()` once; whatever happens to a client is in `diary`, never raised."""

    def __init__(
        self,
        plan: LoadPlan,
        people: Sequence[Seat],
        turns: Sequence[Turn],
        *,
        http: aiohttp.ClientSession,
        tokens: Tokens | None = None,
        progress: LoadProgress | None = None,
        stop: asyncio.Event | None = None,
    ) -> None:
        """`stop`: set by whoever wants it to end before its time."""
        self._plan = plan
        self._people = people
        self._turns = turns
        self._http = http
        self._tokens = tokens or self._dev_token
        self._progress = progress
        self._stop = stop or asyncio.Event()
        self._calls: dict[int, Call] = {}
        self._at_once = asyncio.Semaphore(plan.joins_at_once)
        self._talking = 0
        self._over = asyncio.Event()
        self.diary = Diary()
        # Of talking, in seconds; 0 if it did not come to that.
        self.seconds = 0.0

    @property
    def stopped(self) -> bool:
        """Whether it was ended before its time."""
        return self._stop.is_set()

    async def run(self) -> None:
        """Let everybody join, talk and leave."""
        telling = asyncio.create_task(self._tell(), name="load-progress")
        arrivals: list[asyncio.Future[None]] = [asyncio.get_running_loop().create_future() for _ in self._people]
        attending = [
            asyncio.create_task(self._attend(seat, arrived), name=f"load-seat-{seat.number}")
            for seat, arrived in zip(self._people, arrivals, strict=True)
        ]
        try:
            await self._until_stopped(asyncio.wait(arrivals))
            await self._until_stopped(asyncio.sleep(READY_S))
            if not self.stopped:
                await self._talk_and_settle()
        finally:
            self._over.set()
            for task, arrived in zip(attending, arrivals, strict=True):
                if not arrived.done():
                    task.cancel()
            await asyncio.gather(*attending, return_exceptions=True)
            await _cancelled(telling)

    # Coming in, and staying until it is over.

    async def _attend(self, seat: Seat, arrived: "asyncio.Future[None]") -> None:
        """Be there; `arrived` is done once somebody is in, or it is clear that they will not be."""
        async with AsyncExitStack() as stack:
            try:
                async with self._at_once:
                    began = time.monotonic()
                    call = await stack.enter_async_context(self._call(seat))
                    self.diary.joined(seat, time.monotonic() - began)
            except (ClientError, OSError, ValueError) as error:
                self.diary.errors[f"join: {_name(error)}"] += 1
                return
            finally:
                if not arrived.done():
                    arrived.set_result(None)
            self._calls[seat.number] = call
            for writing in (self._write_captions(seat, call), self._write_sound(seat, call)):
                stack.push_async_callback(_cancelled, asyncio.create_task(writing, name=f"load-{seat.number}"))
            await self._over.wait()

    def _call(self, seat: Seat) -> Call:
        who = Join(
            name=f"load {seat.number}",
            speaking_language=seat.speaking,
            listening_language=seat.listening,
        )

        async def token() -> str:
            return await self._tokens(seat.room)

        if seat.kind == "audio":
            return AudioCall(self._plan.url, seat.room, who, token=token, http=self._http)
        from parley.client.webrtc_call import WebRtcCall, WebRtcSettings

        slots = WebRtcSettings(floor_slots=SLOTS, voice_slots=SLOTS)
        return WebRtcCall(self._plan.url, seat.room, who, token=token, http=self._http, settings=slots)

    async def _dev_token(self, room: str) -> str:
        return await dev_token(self._plan.url, room, http=self._http)

    # Talking and hearing.

    async def _talk_and_settle(self) -> None:
        began = time.monotonic()
        talking = [
            asyncio.create_task(self._take(turn, began), name=f"load-turn-{turn.number}") for turn in self._turns
        ]
        try:
            await self._until_stopped(asyncio.wait(talking) if talking else asyncio.sleep(0))
        finally:
            self.seconds = time.monotonic() - began
            for task in talking:
                task.cancel()
            await asyncio.gather(*talking, return_exceptions=True)
        await self._until_stopped(self._settle())

    async def _take(self, turn: Turn, began: float) -> None:
        """Take one turn when it is due; who is not in takes none."""
        await asyncio.sleep(began + turn.begins_s - time.monotonic())
        call = self._calls.get(turn.seat.number)
        if call is None:
            return
        said = self.diary.begins(turn, call.participant_id, time.monotonic())
        self._talking += 1
        try:
            if isinstance(call, AudioCall):
                said.began = (await call.say(turn.speech.pcm)).began
            else:
                said.began = (await call.say(turn.speech.encoded)).began  # type: ignore[arg-type]
        except ClientError as error:
            self.diary.errors[f"talk: {_name(error)}"] += 1
        finally:
            self._talking -= 1

    async def _write_sound(self, seat: Seat, call: Call) -> None:
        with contextlib.suppress(ClientError):  # what ended the call is counted with the captions
            async for heard in call.voices():
                self.diary.heard(seat, heard)

    async def _write_captions(self, seat: Seat, call: Call) -> None:
        try:
            async for event in call.events():
                if isinstance(event, Caption):
                    self.diary.read(seat, event, time.monotonic())
        except ClientError as error:
            self.diary.errors[f"call: {_name(error)}"] += 1

    async def _settle(self) -> None:
        """Wait until all that is due has come, or nothing more is to be hoped for."""
        ends = time.monotonic() + self._plan.settle_s
        while time.monotonic() < ends:
            came, due = self.diary.tally
            if came == due:
                return
            await asyncio.sleep(CHECK_S)

    # Around it.

    async def _until_stopped(self, work: Coroutine[Any, Any, object]) -> None:
        """Wait for some work, or until somebody wants an end; then it is broken off."""
        working = asyncio.create_task(work, name="load-work")
        stopping = asyncio.create_task(self._stop.wait(), name="load-stop")
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            working.cancel()
            await asyncio.wait((working, stopping))
        if not working.cancelled():
            working.result()

    async def _tell(self) -> None:
        while self._progress is not None:
            self._progress.tell(self.diary, len(self._people), self._talking)
            await asyncio.sleep(CHECK_S)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _name(error: Exception) -> str:
    """Name what went wrong without addresses and ids, so that the same things are counted together."""
    match error:
        case ClosedError():
            return f"{type(error).__name__} {error.code}"
        case RejectedError():
            return f"{type(error).__name__} {error.status}"
        case RefusedError():
            return f"{type(error).__name__} {error.code}"
    return type(error).__name__
