"""Which languages somebody speaks and listens to who does not say so: two questions, answered apart. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.messages.language import AUTO, UnknownLanguageError, normalise, normalise_spoken
from signaling.hosting.room_state import RoomState
from signaling.identity.grant import Grant

# Characters of `Accept-Language` that are read; browsers send less than 100.
_LONGEST_HEADER = 256
# When nobody has said anything.
_LAST_RESORT = "en"


class Languages(NamedTuple):
    """Recognition is told the first; voices and captions come in the second."""

    # Normalised; `auto`: recognition finds out.
    speaking: str
    # Normalised.
    listening: str


def choose(
    said: tuple[str | None, str | None],
    *,
    before: Languages | None = None,
    room: RoomState,
    browser: Iterable[str] = (),
    grant: Grant,
) -> Languages:
    """Give what holds: what somebody says, or said before, or their token, or the room; else `auto` and the browser's.

    Of what they did not say themselves, what their token does not allow is passed over.

    Args:
        said: the languages spoken and listened to, as they came; None where nothing was said.
        before: of somebody who was here before.
        room: with its defaults.
        browser: tags that their browser asks for, the first before the others.
        grant: with the languages open to them, and their own defaults.

    Raises:
        UnknownLanguageError: what they say is no language.
        LanguageNotAllowedError: it is not open to them.
    """
    speaking, listening = said
    return Languages(
        _speaking(before, room, grant) if speaking is None else _said(normalise_spoken(speaking), grant),
        _listening(before, room, browser, grant) if listening is None else _said(normalise(listening), grant),
    )


def asked_for(accept_language: str) -> list[str]:
    """Read an `Accept-Language` header (RFC 9110 section 12.5.4): normalised tags, the most wanted first."""
    weighted: list[tuple[float, str]] = []
    for entry in accept_language[:_LONGEST_HEADER].split(","):
        tag, _, parameter = entry.partition(";")
        try:
            weight = float(parameter.partition("=")[2]) if parameter.strip() else 1.0
            weighted.append((weight, normalise(tag.strip())))
        except (ValueError, UnknownLanguageError):
            continue  # `*`, or nonsense
    return [tag for weight, tag in sorted(weighted, key=lambda each: -each[0]) if weight > 0]


def _said(language: str, grant: Grant) -> str:
    grant.require(language)
    return language


def _speaking(before: Languages | None, room: RoomState, grant: Grant) -> str:
    return _first_open([before and before.speaking, grant.speaking_language, room.speaking_language, AUTO], grant)


def _listening(before: Languages | None, room: RoomState, browser: Iterable[str], grant: Grant) -> str:
    wishes = [before and before.listening, grant.listening_language, room.listening_language, *browser, _LAST_RESORT]
    return _first_open(wishes, grant)


def _first_open(wishes: Iterable[str | None], grant: Grant) -> str:
    own = sorted(grant.languages or ())
    for language in (*wishes, *own):
        if language is not None and grant.allows(language):
            return language
    return _said(_LAST_RESORT, grant)  # none at all is open to them: refused
