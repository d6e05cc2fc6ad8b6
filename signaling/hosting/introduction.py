"""What somebody says of themselves when they come, and what fills in the rest."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from signaling.hosting.languages import Languages, choose
from signaling.identity.grant import Grant
from signaling.names import clean_name
from signaling.protocol import Join, SetLanguages

if TYPE_CHECKING:
    from signaling.door import Door


class Introduced(NamedTuple):
    """Who somebody is, with nothing left out."""

    name: str
    speaking_language: str
    listening_language: str


def introduced(join: Join) -> Introduced:
    """Give what a `join` says that an Introduction has completed."""
    return Introduced(join.name or "", join.speaking_language or "", join.listening_language or "")


class Introduction:
    """One person's, by one socket."""

    def __init__(self, grant: Grant, door: "Door", browser_languages: Sequence[str] = ()) -> None:
        """`browser_languages`: normalised, the most wanted first."""
        self._grant = grant
        self._door = door
        self._browser_languages = browser_languages

    def complete(self, join: Join) -> Join:
        """Give it with a clean name and normalised languages: where nothing is said, as before, or as the room has it.

        Raises:
            BadNameError: nobody could read the name.
            UnknownLanguageError: one of the languages is none.
            LanguageNotAllowedError: one of them is not open to them.
        """
        present = self._door.presences.get(self._grant.identity)
        info = present.participant.info if present is not None else None
        before = None if info is None else Languages(info.speaking_language, info.listening_language)
        languages = self._choose((join.speaking_language, join.listening_language), before)
        said = join.name if join.name is not None or info is None else info.name
        return msgspec.structs.replace(
            join,
            name=self._grant.name or clean_name(said or ""),
            speaking_language=languages.speaking,
            listening_language=languages.listening,
        )

    def change(self, message: SetLanguages, before: Languages) -> Languages:
        """Give the languages of somebody who has said which of them are to be others.

        Raises:
            UnknownLanguageError, LanguageNotAllowedError: see `complete`.
        """
        return self._choose((message.speaking_language, message.listening_language), before)

    def _choose(self, said: tuple[str | None, str | None], before: Languages | None) -> Languages:
        room = self._door.states.of(self._grant.room_id)
        return choose(said, before=before, room=room, browser=self._browser_languages, grant=self._grant)
