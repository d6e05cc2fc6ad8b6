"""What makes a worker a recognition, translation or synthesis worker."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from pipeline.messages.base import Message, Said
from pipeline.messages.worker_status import Stage as StageName
from pipeline.room_memory import RoomMemory
from pipeline.voice_memory import VoiceMemory

M = TypeVar("M", bound=Said)


@dataclass(frozen=True)
class Condition:
    """What a stage can do now; becomes a WorkerStatus. See there for the fields."""

    engine: str
    healthy: bool = True
    languages: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    rung: int = 0
    reduced_languages: tuple[str, ...] = ()
    reduced_pairs: tuple[tuple[str, str], ...] = ()
    imitates: bool = False
    reason: str = ""


class Stage(Generic[M]):
    """Turns one kind of message into another with an engine. The worker does all the rest.

    The worker asks for one key at a time, in the order of its records; different keys at once. State is kept by key:
    `lane_key` names it, for live messages the message's own.
    A message may come more than once: after a failed try, and after a crash. What was yielded and taken need not be
    yielded again, and may be.
    """

    name: ClassVar[StageName]
    takes: type[M]
    # What the stage wants to know of the rooms, which the worker keeps up to date; None: nothing.
    rooms: RoomMemory | VoiceMemory | None = None
    # The topic of whose same partition `recall` is told; none if empty.
    recalls: ClassVar[str] = ""

    def condition(self) -> Condition:
        """Say what can be done now."""
        raise NotImplementedError(type(self).__name__)

    def work(self, message: M) -> AsyncGenerator[Said, None]:
        """Yield what follows from a message. Whatever was yielded is published before the next is asked for.

        Raises:
            EngineError: retried if it is retriable; anything else that is raised is not.
        """
        raise NotImplementedError(type(self).__name__)

    async def fail(self, message: M, reason: str) -> Sequence[Said]:
        """Give the tombstones for what `work` could not do for good. `reason` is for people and holds no speech."""
        raise NotImplementedError(type(self).__name__)

    def give_up_at_ms(self, message: M) -> int | None:
        """Say when (epoch milliseconds) it is too late to try again; None: never, only attempts count."""
        raise NotImplementedError(type(self).__name__)

    # What follows may be left as it is.
    # ruff: noqa: ARG002

    def expendable(self, message: M) -> bool:
        """Whether a failure costs nothing that a later message does not bring: no retry, no dead letter."""
        return False

    def supersedes(self, newer: M, older: M) -> bool:
        """Whether a message that came later for the same key makes an older one, waiting or in work, pointless."""
        return False

    def recall(self, message: Message) -> None:
        """Learn what another worker made of the records that are about to come, before the first of them comes."""

    def open_utterance(self, key: str) -> str | None:
        """Name the utterance of this key whose records may not be committed yet, so that a crash replays it whole."""
        return None

    def overdue(self, now_ms: int) -> Sequence[str]:
        """Name the keys for which something is due although no record came."""
        return ()

    async def close_overdue(self, key: str) -> AsyncGenerator[Said, None]:
        """Do what is due; see `work`."""
        for nothing in tuple[Said, ...]():
            yield nothing

    async def forget(self, key: str) -> None:
        """Drop all state of a key, because another worker has it now or this one closes."""
