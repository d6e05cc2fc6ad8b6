"""What a verified token says: who somebody is, and what they may do in one room."""

from typing import Literal, NamedTuple

import msgspec

from pipeline.messages.language import AUTO, hears

Role = Literal["host", "speaker", "listener"]
"""A host rules the room, a speaker is heard in it, a listener only hears and reads."""


class LanguageNotAllowedError(ValueError):
    """A language that this person may neither speak nor listen to here; as text: one line that says which they may."""

    def __init__(self, language: str, allowed: frozenset[str]) -> None:
        super().__init__(language)
        self.language = language
        self.allowed = allowed

    def __str__(self) -> str:
        return f"{self.language[:40]!r} is not open to you here; these are: {', '.join(sorted(self.allowed)) or 'none'}"


class Identity(NamedTuple):
    """One person in one room, whichever token they show and by whichever socket they come."""

    participant_id: str
    room_id: str


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A person's rights in a room, as their token gives them."""

    identity: Identity
    role: Role = "speaker"
    # Whether they may be heard; whether they may hear and read.
    publish: bool = True
    subscribe: bool = True
    # Present, but shown to nobody: they hear and read, and are not heard.
    hidden: bool = False
    # Normalised languages they may speak and listen to; None: all.
    languages: frozenset[str] | None = None
    # What they speak and listen to where they do not say so, as the service that made their token knows; normalised.
    speaking_language: str | None = None
    listening_language: str | None = None
    # What the others call them; None: what they say themselves when they join.
    name: str | None = None
    # They come in without waiting in the lobby.
    admitted: bool = False
    # Epoch seconds at which it ends, also in mid-call; None: never, which no token says.
    expires_at: float | None = None
    # Of the token (`jti`), by which it can be revoked.
    token_id: str = ""
    # Of the token with which the visit began, if this one only carries it on; to revoke that one ends this one too.
    origin_id: str = ""

    @property
    def participant_id(self) -> str:
        """Who they are in the room."""
        return self.identity.participant_id

    @property
    def room_id(self) -> str:
        """The one room."""
        return self.identity.room_id

    @property
    def is_host(self) -> bool:
        """Whether they rule the room."""
        return self.role == "host"

    @property
    def revocable_ids(self) -> tuple[str, ...]:
        """The ids of the tokens whose revocation ends this grant."""
        return tuple(dict.fromkeys(each for each in (self.token_id, self.origin_id) if each))

    def allows(self, language: str) -> bool:
        """Whether they may speak, hear and read a normalised language. Region and script do not count.

        `auto` could become any language, so it is open only to those to whom all are.
        """
        if self.languages is None:
            return True
        return language != AUTO and any(hears(each, language) for each in self.languages)

    def require(self, *languages: str) -> None:
        """Check normalised languages that somebody wants to speak, hear or read.

        Raises:
            LanguageNotAllowedError: one of them is not theirs.
        """
        for language in languages:
            if not self.allows(language):
                raise LanguageNotAllowedError(language, self.languages or frozenset())

    def gives_what(self, other: "Grant") -> bool:
        """Whether both give the same rights to the same person, whatever their tokens, ends and defaults."""
        unlike: dict[str, str | None] = {"expires_at": None, "token_id": "", "origin_id": ""}
        unlike |= {"speaking_language": None, "listening_language": None}
        return msgspec.structs.replace(self, **unlike) == msgspec.structs.replace(other, **unlike)
