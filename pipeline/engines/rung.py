"""One engine in the chain for one language or pair: whether it is asked, and what came of it."""

import asyncio
import contextlib
from collections.abc import Hashable, Iterator
from typing import Generic, Protocol, TypeVar

import structlog
from prometheus_client import Counter

from pipeline.engines.attempt import Attempt
from pipeline.engines.breaker import Breaker
from pipeline.engines.chain_settings import ChainSettings
from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineInfo,
    EngineRefusedError,
    EngineUnavailableError,
)

_log = structlog.get_logger(__name__)

_SERVED = Counter(
    "parley_engine_served_total",
    "Requests that an engine answered, by its place in the chain: 0 is the best.",
    ["stage", "engine", "rung"],
)

MOST_HOLD_S = 3_600.0
"""A provider that asks to be left alone for longer is tried all the same."""


class Standing(Protocol):
    """What a chain asks of an engine beside its stage's protocol; `Hosted` has it."""

    @property
    def info(self) -> EngineInfo: ...
    @property
    def healthy(self) -> bool:
        """Whether it can be asked now."""
        ...

    @property
    def available(self) -> bool:
        """Whether requests are worth sending: it is healthy, or was until so lately that they may wait for it."""
        ...


EngineOf = TypeVar("EngineOf", bound=Standing, covariant=True)


class Rung(Generic[EngineOf]):
    """An engine's place in one chain.

    Two breakers stand before it: the engine's own, which all chains share, for what its provider says of us (refused,
    asked too often), and this chain's, for everything else: an engine may fail in one language and not in another.
    """

    def __init__(
        self, place: int, engine: EngineOf, whole: Breaker, ability: Hashable, settings: ChainSettings
    ) -> None:
        """`place` is 0 for the best; `whole` is the engine's breaker; `ability` is a language or a pair."""
        self.place = place
        self.engine = engine
        self.name = engine.info.name
        self._about = {"stage": engine.info.stage, "engine": self.name, "ability": ability, "rung": place}
        self._settings = settings
        self._whole = whole
        self._own = new_breaker(settings)

    def admits(self) -> bool:
        """Whether a request may go to it before any other: as a matter of course, or as a trial."""
        return self.engine.available and self._whole.admits(_now()) and self._own.admits(_now())

    def held(self) -> bool:
        """Whether nothing may be asked of it, since its provider said so."""
        return self._whole.open(_now())

    def held_for_s(self) -> float:
        """Seconds until something may be asked of it again."""
        return self._whole.left_s(_now())

    @property
    def closed(self) -> bool:
        """Whether nothing is known against it."""
        return self._whole.closed and self._own.closed

    def begin(self) -> Attempt:
        """Begin to ask it."""
        return Attempt(self, whole=self._whole.begin(_now()), own=self._own.begin(_now()))

    def succeeded(self, *, whole: bool, own: bool) -> None:
        """See `Attempt`; the arguments say of which breakers it was the trial."""
        _SERVED.labels(self.engine.info.stage, self.name, str(self.place)).inc()
        with self._telling("answered"):
            self._whole.succeeded(_now(), trial=whole)
            self._own.succeeded(_now(), trial=own)

    def failed(self, error: EngineError, *, whole: bool, own: bool) -> None:
        """See `Attempt`."""
        if not error.blames:
            self.left(whole=whole, own=own)
            return
        with self._telling(error.kind):
            self._note(error, whole=whole, own=own)

    def left(self, *, whole: bool, own: bool) -> None:
        """See `Attempt`."""
        self._whole.left(trial=whole)
        self._own.left(trial=own)

    def _note(self, error: EngineError, *, whole: bool, own: bool) -> None:
        now_s = _now()
        if isinstance(error, EngineRefusedError):
            self._whole.hold(now_s, self._settings.refused_s)
            self._own.left(trial=own)
        elif isinstance(error, EngineBusyError) and error.retry_after_s > 0:
            self._whole.hold(now_s, min(error.retry_after_s, MOST_HOLD_S))
            self._own.left(trial=own)
        elif isinstance(error, EngineUnavailableError):
            self._whole.left(trial=whole)
            self._own.hold(now_s, self._settings.refused_s)
        else:
            if whole:
                self._whole.failed(now_s, trial=True)
            self._own.failed(now_s, trial=own)

    @contextlib.contextmanager
    def _telling(self, why: str) -> Iterator[None]:
        """Log what this step changes."""
        before = self.closed
        yield
        if before and not self.closed:
            _log.warning("engine_left_alone", **self._about, why=why)
        elif self.closed and not before:
            _log.info("engine_taken_back", **self._about)


def new_breaker(settings: ChainSettings) -> Breaker:
    """Make a breaker as it is set."""
    return Breaker(failures=settings.failures, first_s=settings.pause_first_s, most_s=settings.pause_most_s)


def _now() -> float:
    return asyncio.get_running_loop().time()
