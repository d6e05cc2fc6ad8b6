"""What every engine says about itself, and how it fails."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, Self

from pipeline.messages.worker_status import Stage

Where = Literal["in process", "system program", "network"]


@dataclass(frozen=True)
class EngineInfo:
    """An engine's own description; `parley engines` and `parley doctor` print it."""

    name: str
    stage: Stage
    # SPDX expression of the code, and of the model if that differs.
    licence: str
    model_licence: str
    where: Where
    # Delivers results while input still arrives.
    streams: bool
    # How many sessions or requests one instance serves at once without slowing each other down.
    concurrency: int
    # Costs so little that interim text may be given to it as well.
    cheap: bool = False
    # For `auto`: the higher one is preferred among those that work.
    quality: int = 0


class EngineError(Exception):
    """An engine could not do what was asked. `retriable`: the same request may succeed a moment later."""

    retriable: ClassVar[bool] = True
    # In a word, for metrics and logs.
    kind: ClassVar[str] = "failed"
    # Whether it says anything about the engine's health; otherwise the request was just not for this one.
    blames: ClassVar[bool] = True


class EngineUnavailableError(EngineError):
    """Something the engine needs is missing on this machine; `remedy` says what to do about it."""

    retriable = False
    kind = "unavailable"

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why, remedy)
        self.why = why
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.why}: {self.remedy}"


class UnknownEngineError(EngineUnavailableError):
    """There is no engine of that name for this stage, on any machine."""


class EngineRefusedError(EngineUnavailableError):
    """The provider takes nothing from us: a wrong key, no credit, a forbidden model. `remedy` says what to do."""

    kind = "refused"


class UnsupportedLanguageError(EngineError):
    """The engine does not know this language or pair."""

    retriable = False
    kind = "unsupported"
    blames = False


class EngineCrashedError(EngineError):
    """The engine, or the process it runs in, died in the middle of a request."""

    kind = "crashed"


class EngineBusyError(EngineError):
    """The engine serves as many as it can, and none of them ended in time; or it says that it was asked too often."""

    kind = "busy"

    def __init__(self, why: str = "", retry_after_s: float | str = 0.0) -> None:
        """`retry_after_s`: seconds that the engine asks to be left alone, as it says itself; 0 if it says nothing."""
        super().__init__(why, retry_after_s)
        self.retry_after_s = float(retry_after_s)

    def __str__(self) -> str:
        return str(self.args[0])


class BrokenOffError(EngineError):
    """A voice broke off in the middle of a clause; whoever were asked again would begin in another voice."""

    retriable = False
    kind = "broken_off"


class RequestTooLargeError(EngineError):
    """What was asked for is larger than any clause or utterance is."""

    retriable = False
    kind = "too_large"
    blames = False


class RequestRefusedError(EngineError):
    """The engine's provider does not take this one request, and would not take it a second time; others it may."""

    retriable = False
    # It blames the engine: where every request is refused, something is set that the provider does not know.
    kind = "request_refused"


class ImplausibleAnswerError(EngineError):
    """The engine answered, but not what was asked for: no translation of this text. The same again is no better."""

    retriable = False
    kind = "implausible"


class EngineTimeoutError(EngineError):
    """The engine did not answer in time."""

    kind = "timeout"


class Engine(Protocol):
    """The part of the three protocols that is the same.

    `async with` starts and ends it; ending twice is harmless. An engine never blocks the event loop it runs in:
    blocking work goes to a thread (`asyncio.to_thread`). Cancelling any call abandons that request and nothing else.

    An engine of which something can be set has a class attribute `Options`, a frozen dataclass of
    `pipeline/engines/options/`, and takes one as its only argument: `Engine(Options())` and `Engine()` are the same.
    Constructing one loads nothing large and starts nothing that stays; it raises what `check` does.
    From then on its languages are known, so that one can be chosen before any is started. Engines that need something
    that is set take their options in `check` too.
    """

    @property
    def info(self) -> EngineInfo: ...

    @classmethod
    def check(cls) -> None:
        """Look, without loading anything large, whether the engine can work on this machine.

        Raises:
            EngineUnavailableError: it cannot, and why, and what to do.
        """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...
