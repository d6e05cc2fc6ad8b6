"""Learning from a compacted topic for as long as the bus is there."""

import asyncio
from collections.abc import Callable

import structlog

from pipeline.bus.bus import Bus, BusClosedError, BusError
from pipeline.messages.base import Message

RETRY_S = 1.0
"""Between two attempts to read while the bus is down."""

log = structlog.get_logger(__name__)


async def follow(bus: Bus, topic: str, group: str, note: Callable[[Message], None]) -> None:
    """Note every message on a topic, what stands there first, until the bus closes."""
    while True:
        try:
            async with bus.subscribe(topic, group=group) as records:
                async for record in records:
                    note(record.message)
            return
        except BusClosedError:
            return
        except BusError as error:  # rooms are served without what they wish for meanwhile
            log.warning("room_settings_unreadable", error=type(error).__name__)
            await asyncio.sleep(RETRY_S)
