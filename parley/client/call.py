"""What all calls have in common, by whichever way sound travels."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Self

from parley.client.events import AnyEvent, Caption, OriginalChoice, Participant
from parley.client.heard import Heard, Said
from parley.client.messages import Mute, SetLanguages, SetOriginal
from parley.client.signaling import Signaling
from parley.client.tape import Reading


class Call(ABC):
    """A participant in a room. `async with` joins and leaves."""

    def __init__(self, signaling: Signaling) -> None:
        # What the server tells and is asked, beside sound.
        self.signaling = signaling

    @abstractmethod
    async def __aenter__(self) -> Self:
        """Join."""

    @abstractmethod
    async def __aexit__(self, *exc: object) -> None:
        """Leave."""

    @abstractmethod
    async def say(self, sound: bytes, sample_rate: int = 16_000) -> Said:
        """Say mono s16le, and wait until it is said."""

    @abstractmethod
    def voices(self) -> Reading[Heard]:
        """Read the voices, and the own sound of those whose language I listen to."""

    @property
    def participant_id(self) -> str:
        """Who I am in the room."""
        return self.signaling.participant_id

    @property
    def participants(self) -> dict[str, Participant]:
        """Everybody in the room, me included, by id."""
        return self.signaling.participants

    def events(self) -> Reading[AnyEvent]:
        """Read all that the server tells, from the last that is kept on."""
        return self.signaling.events.read()

    async def captions(self, *, interim: bool = False) -> AsyncIterator[Caption]:
        """Read the captions in my language: the final ones, or with `interim` also those that will be replaced.

        Raises:
            ClientError: the call has ended with it.
        """
        async for event in self.events():
            if isinstance(event, Caption) and (event.is_final or interim):
                yield event

    async def set_languages(self, *, speaking: str | None = None, listening: str | None = None) -> None:
        """Change one language or both.

        Raises:
            ClientError: the call has ended.
        """
        await self.signaling.send(SetLanguages(speaking_language=speaking, listening_language=listening))

    async def set_original(self, original: OriginalChoice) -> None:
        """Choose what becomes of translated people's own voices.

        Raises:
            ClientError: the call has ended.
        """
        await self.signaling.send(SetOriginal(original=original))

    async def mute(self, muted: bool = True) -> None:
        """Say to the others that my microphone is off, or on again. Nothing is sent on while it is off.

        Raises:
            ClientError: the call has ended.
        """
        await self.signaling.send(Mute(muted=muted))
