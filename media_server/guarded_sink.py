"""The fault boundary between a room and what takes its events to a page."""

import structlog
from prometheus_client import Counter

from media_server.events import Event, EventSink

FAULTS = Counter("parley_event_faults_total", "Events for pages that were lost because their sink raised an exception.")

_log = structlog.get_logger(__name__)


class GuardedSink:
    """An `EventSink` that keeps its promise never to raise: a fault costs its event, and each sink's first is logged.

    Events are told in the middle of changing who hears what: an exception there would leave that half done, for
    others as well.
    """

    def __init__(self, sink: EventSink, *, room_id: str, participant_id: str) -> None:
        self._sink = sink
        self._room_id = room_id
        self._participant_id = participant_id
        self._complained = False

    def __call__(self, event: Event) -> None:
        """Pass it on."""
        try:
            self._sink(event)
        except Exception:
            FAULTS.inc()
            if not self._complained:
                self._complained = True
                _log.exception("event_failed", room_id=self._room_id, participant_id=self._participant_id)
