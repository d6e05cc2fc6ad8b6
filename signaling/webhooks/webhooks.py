"""Webhooks: tells the operator's receivers what happens to rooms and participants."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec

from signaling.hosting.lifecycle import LifecycleEvent
from signaling.webhooks.event import webhook_event
from signaling.webhooks.post import new_session
from signaling.webhooks.receiver import Receiver
from signaling.webhooks.settings import WebhookSettings


class Webhooks:
    """Posts every event to every receiver, signed, at least once and in order for each of them.

    What waits is in memory: a process that is killed takes it along.
    """

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings
        self._receivers = [Receiver(number, url, settings) for number, url in enumerate(settings.urls)]

    def tell(self, event: LifecycleEvent) -> None:
        """Take an event for all receivers. Never waits, never raises."""
        if not self._receivers:
            return
        told = webhook_event(event)
        body = msgspec.json.encode(told)
        for receiver in self._receivers:
            receiver.put(told.id, body)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Deliver while the block runs. At its end what still waits has `flush_s` to be delivered."""
        if not self._receivers:
            yield
            return
        async with new_session(len(self._receivers), self._settings.timeout_s) as session:
            tasks = [
                asyncio.create_task(receiver.deliver_all(session), name=f"webhooks-{number}")
                for number, receiver in enumerate(self._receivers)
            ]
            try:
                yield
            finally:
                await self._finish(tasks)

    async def _finish(self, tasks: list[asyncio.Task[None]]) -> None:
        for receiver in self._receivers:
            receiver.close()
        try:
            await asyncio.wait(tasks, timeout=self._settings.flush_s)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for receiver in self._receivers:
                receiver.forget()
