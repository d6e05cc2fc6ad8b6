"""The engines that stand behind each other for one language or pair."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog
from prometheus_client import Counter

from pipeline.engines.attempt import Attempt
from pipeline.engines.engine import EngineBusyError, EngineError, EngineTimeoutError, EngineUnavailableError
from pipeline.engines.rung import Rung, Standing

_log = structlog.get_logger(__name__)

_FALLBACKS = Counter(
    "parley_engine_fallbacks_total",
    "Requests that an engine did not answer and that went on to the next one in its chain.",
    ["stage", "engine", "why"],
)

SHARE = 0.6
"""Of the time that is left, an engine gets this much while another one stands behind it."""
SOON_S = 10.0
"""A request may be tried again for so long; whoever asks to be left alone for longer refuses it."""

EngineOf = TypeVar("EngineOf", bound=Standing)
Answer = TypeVar("Answer")


class Chain(Generic[EngineOf]):
    """Asks one engine after another, the best first, until one answers.

    An engine that failed too often is passed over for a while, and one request tries it after that. If all of them
    did, they are asked all the same, since there is nobody else; but never one whose provider wants to be left alone.
    """

    def __init__(self, rungs: Sequence[Rung[EngineOf]], within_s: float) -> None:
        """`within_s`: seconds for one request to all of them; see ChainSettings."""
        self._rungs = rungs
        self._within_s = within_s

    @property
    def serving(self) -> Rung[EngineOf]:
        """The first that is there and has nothing against it; else the first that may be asked; else the last."""
        there = [rung for rung in self._rungs if rung.engine.available]
        good = [rung for rung in there if rung.closed]
        return [*good, *(rung for rung in there if not rung.held()), self._rungs[-1]][0]

    def candidates(self, avoid: str = "") -> list[Rung[EngineOf]]:
        """Give those to ask, in order; `avoid` names one that comes last."""
        admitted = [rung for rung in self._rungs if rung.admits()]
        others = [rung for rung in self._rungs if not rung.held()]
        return sorted(admitted or others, key=lambda rung: (rung.name == avoid, not rung.engine.healthy))

    def has_other(self, rung: Rung[EngineOf]) -> bool:
        """Whether another engine would answer if this one did not."""
        return any(other is not rung for other in self.candidates())

    def share_s(self, rung: Rung[EngineOf]) -> float | None:
        """Give the seconds that an engine may take for an answer, if all the time is left; None: any."""
        return SHARE * self._within_s if self.has_other(rung) else None

    async def ask(
        self, call: Callable[[EngineOf], Awaitable[Answer]], *, avoid: str = ""
    ) -> tuple[Rung[EngineOf], Attempt, Answer]:
        """Call one engine after another. Gives the answer, whose it is, and the attempt, which the caller ends.

        Raises:
            EngineError: the first one that may be retried, or else the last.
        """
        candidates = self.candidates(avoid)
        ends = _now() + self._within_s
        errors: list[EngineError] = []
        for place, rung in enumerate(candidates, 1):
            limit_s = SHARE * (ends - _now()) if place < len(candidates) else None
            attempt = rung.begin()
            try:
                return rung, attempt, await in_time(call(rung.engine), limit_s, rung.name)
            except EngineError as error:
                attempt.failed(error)
                errors.append(error)
                if place < len(candidates):
                    self.fell_back(rung, error)
            except BaseException:
                attempt.left()
                raise
        raise next((error for error in errors if error.retriable), errors[-1] if errors else self._refusal())

    def fell_back(self, rung: Rung[EngineOf], error: EngineError) -> None:
        """Count a request that goes on to the next engine."""
        _FALLBACKS.labels(rung.engine.info.stage, rung.name, error.kind).inc()
        _log.info("engine_fell_back", stage=rung.engine.info.stage, engine=rung.name, why=error.kind)

    def _refusal(self) -> EngineError:
        names = ", ".join(rung.name for rung in self._rungs)
        left_s = min(rung.held_for_s() for rung in self._rungs)
        if left_s < SOON_S:
            return EngineBusyError(f"{names}: asked to be left alone", left_s)
        return EngineUnavailableError(f"{names}: left alone for {left_s:.0f} s more", "see the log for what was said")


async def in_time(answer: Awaitable[Answer], limit_s: float | None, name: str) -> Answer:
    """Wait for an answer, at most so many seconds.

    Raises:
        EngineTimeoutError: it did not come in time.
    """
    limit = asyncio.timeout(limit_s)
    try:
        async with limit:
            return await answer
    except TimeoutError:
        if not limit.expired():
            raise
        raise EngineTimeoutError(f"{name}: no answer in {limit_s:.1f} s, and another engine is there") from None


def _now() -> float:
    return asyncio.get_running_loop().time()
