"""Who wants to be told of something: callbacks, kept apart from each other and from who tells them."""

from collections.abc import Callable
from typing import Generic, ParamSpec

import structlog

P = ParamSpec("P")

_log = structlog.get_logger(__name__)


class Watchers(Generic[P]):
    """A fault boundary: what a callback raises costs that callback that call, and is logged."""

    def __init__(self, what: str) -> None:
        """Begin with nobody; `what` they watch is for the log."""
        self._what = what
        # In the order in which they came, which is the order in which they are told.
        self._callbacks: dict[object, Callable[P, None]] = {}

    def add(self, callback: Callable[P, None]) -> Callable[[], None]:
        """Call it from now on. Gives what ends that; doing so twice is harmless."""
        key = object()
        self._callbacks[key] = callback

        def unwatch() -> None:
            self._callbacks.pop(key, None)

        return unwatch

    def tell(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call everybody. Never raises."""
        for callback in list(self._callbacks.values()):
            try:
                callback(*args, **kwargs)
            except Exception:  # the boundary: one watcher's fault is nobody else's
                _log.exception("watcher_failed", watched=self._what)
