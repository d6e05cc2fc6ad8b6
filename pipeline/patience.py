"""Publishing that waits until the bus is back."""

import asyncio

import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from pipeline.bus.bus import Bus, BusDownError
from pipeline.messages.base import Message
from pipeline.metrics import OUTAGES

FIRST_S = 0.1
MOST_S = 1.0
"""Between attempts: a random time below the first, twice, four times ... that, up to the most."""

log = structlog.get_logger(__name__)


class PatientPublisher:
    """Publishes; while the bus is down it waits, and tries again until it is done or cancelled.

    So nothing is lost and nothing is committed that was not published. Memory stays bounded because whoever waits here
    takes nothing more. What was tried may have arrived all the same, and then comes twice, with the same identity.
    """

    def __init__(self, bus: Bus, stage: str) -> None:
        self._bus = bus
        self._stage = stage
        # Whether the last attempt failed.
        self._down = False

    async def publish(self, message: Message) -> None:
        """Put a message on its topic, however long it takes.

        Raises:
            BusError: it will not be published: the bus is closed, or refuses it.
        """
        try:
            await self._bus.publish(message)
        except BusDownError:
            self._note_down()
            await self._tries()(self._bus.publish, message)
        if self._down:
            self._down = False
            log.info("bus_back", stage=self._stage)

    def _tries(self) -> AsyncRetrying:
        return AsyncRetrying(
            sleep=asyncio.sleep,
            retry=retry_if_exception_type(BusDownError),
            wait=wait_random_exponential(FIRST_S, MOST_S),
        )

    def _note_down(self) -> None:
        if not self._down:
            self._down = True
            OUTAGES.labels(self._stage).inc()
            log.warning("bus_down", stage=self._stage)
