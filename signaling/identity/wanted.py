"""A token that somebody asks for, and what they are given: the same over REST and on the command line."""

import time
from typing import Annotated

import msgspec

from pipeline.messages.language import UnknownLanguageError, normalise, normalise_spoken
from signaling.identity.grant import Grant, Identity, Role
from signaling.identity.tokens import Tokens, new_participant_id
from signaling.names import BadNameError, clean_name, is_id

_Seconds = Annotated[int, msgspec.Meta(ge=1, le=366 * 24 * 3600)]
_Tag = Annotated[str, msgspec.Meta(max_length=64)]
_ID_WORDS = "has 1 to 64 letters, digits, `-` or `_` of ASCII"


class UnfitError(ValueError):
    """No token can say this. As text: one line that says what is wrong."""


class TokenWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For whom, for which room, with which rights, for how long."""

    room_id: str
    # Who they are in the room, and at every coming back; None: an id that nobody has yet.
    participant_id: str | None = None
    # What the others call them; None: what they say themselves.
    name: Annotated[str, msgspec.Meta(max_length=512)] | None = None
    # A host rules the room, a speaker is heard in it, a listener only hears and reads.
    role: Role = "speaker"
    # Whether they hear and read.
    subscribe: bool = True
    # Shown to nobody, and not heard.
    hidden: bool = False
    # May go past the lobby.
    admitted: bool = False
    # BCP-47 tags of the languages that they may speak and listen to; None: all.
    languages: Annotated[tuple[_Tag, ...], msgspec.Meta(min_length=1, max_length=64)] | None = None
    # What they speak (may be `auto`) and listen to where they do not say so; None: as the room has it.
    speaking_language: _Tag | None = None
    listening_language: _Tag | None = None
    # In which they must come in, and after which they must be gone again; None: as the server is set.
    lifetime_s: _Seconds | None = None
    visit_s: _Seconds | None = None


class TokenGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A token and what it says."""

    token: str
    # By which it can be revoked.
    token_id: str
    room_id: str
    participant_id: str
    # Epoch seconds: until when one may come in with it, and at which the visit ends.
    expires_at: int
    ends_at: int


def give(wanted: TokenWanted, tokens: Tokens, *, longest_s: int) -> TokenGiven:
    """Make the token.

    `longest_s`: the longest life that a token may claim.

    Raises:
        UnfitError: it cannot be made.
    """
    grant = grant_wanted(wanted)
    if max(wanted.lifetime_s or 0, wanted.visit_s or 0) > longest_s:
        raise UnfitError(f"a token may last {longest_s} s at most (signaling.tokens.longest_s)")
    if wanted.visit_s is not None:
        grant = msgspec.structs.replace(grant, expires_at=time.time() + wanted.visit_s)
    issued = tokens.mint(grant, lifetime_s=wanted.lifetime_s)
    return TokenGiven(
        token=issued.token,
        token_id=issued.token_id,
        room_id=grant.room_id,
        participant_id=grant.participant_id,
        expires_at=issued.expires_at,
        ends_at=issued.ends_at,
    )


def grant_wanted(wanted: TokenWanted) -> Grant:
    """Say what a wanted token would grant.

    Raises:
        UnfitError: an id, a name or a language is none.
    """
    if not is_id(wanted.room_id):
        raise UnfitError(f"a room id {_ID_WORDS}")
    if wanted.participant_id is not None and not is_id(wanted.participant_id):
        raise UnfitError(f"a participant id {_ID_WORDS}")
    try:
        name = None if wanted.name is None else clean_name(wanted.name)
        languages = None if wanted.languages is None else frozenset(map(normalise, wanted.languages))
        speaking, listening = wanted.speaking_language, wanted.listening_language
        speaking = None if speaking is None else normalise_spoken(speaking)
        listening = None if listening is None else normalise(listening)
    except (BadNameError, UnknownLanguageError) as error:
        raise UnfitError(str(error)) from None
    return Grant(
        identity=Identity(wanted.participant_id or new_participant_id(), wanted.room_id),
        role=wanted.role,
        publish=wanted.role != "listener" and not wanted.hidden,
        subscribe=wanted.subscribe,
        hidden=wanted.hidden,
        languages=languages,
        speaking_language=speaking,
        listening_language=listening,
        name=name,
        admitted=wanted.admitted,
    )
