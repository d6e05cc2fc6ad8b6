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


class EngineUnavailableError(EngineError):
    """Something the engine needs is missing on this machine; `remedy` says what to do about it."""

    retriable = False

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why, remedy)
        self.why = why
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.why}: {self.remedy}"


class UnknownEngineError(EngineUnavailableError):
    """There is no engine of that name for this stage, on any machine."""


class UnsupportedLanguageError(EngineError):
    """The engine does not know this language or pair."""

    retriable = False


class EngineCrashedError(EngineError):
    """The engine, or the process it runs in, died in the middle of a request."""


class EngineBusyError(EngineError):
    """The engine serves as many as it can, and none of them ended in time."""


class RequestTooLargeError(EngineError):
    """What was asked for is larger than any clause or utterance is."""

    retriable = False


class EngineTimeoutError(EngineError):
    """The engine did not answer in time."""


class Engine(Protocol):
    """The part of the three protocols that is the same.

    `async with` starts and ends it; ending twice is harmless. An engine never blocks the event loop it runs in:
    blocking work goes to a thread (`asyncio.to_thread`). Cancelling any call abandons that request and nothing else.

    Constructing one without arguments loads nothing large and starts nothing that stays; it raises what `check` does.
    From then on its languages are known, so that one can be chosen before any is started.
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
