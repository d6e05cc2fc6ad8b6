"""What stands in a token, and the Grant that it means: one from the other, both ways, without keys or clocks.

Registered claims (RFC 7519) say who and when: `sub` is the participant's id, `name` what the others call them. `room`
alone gives what everybody may; `grants` says more, in names close to LiveKit's.
"""

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec

from pipeline.messages.language import UnknownLanguageError, normalise, normalise_spoken
from signaling.identity.grant import Grant, Identity, Role
from signaling.identity.token_error import TokenError
from signaling.names import BadNameError, clean_name, is_id

# Seconds since 1970 that a program could mean; the year 9999.
_LAST = 253_402_300_799
_LONGEST_NAME = 512
_LONGEST_ID = 128
_MOST_LANGUAGES = 64
_Language = Annotated[str, msgspec.Meta(max_length=64)]


class Grants(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """The claim `grants`. What is not known here is refused: it may have been meant to take something away."""

    # The same as the claim `room`; one of them must be there.
    room: str | None = None
    room_join: bool = True
    can_publish: bool = True
    can_subscribe: bool = True
    room_admin: bool = False
    hidden: bool = False
    # May go past the lobby.
    admitted: bool = False
    # BCP-47 tags; None: all.
    langs: Annotated[tuple[_Language, ...], msgspec.Meta(max_length=_MOST_LANGUAGES)] | None = None
    # What this person speaks (may be `auto`) and listens to where they do not say so: BCP-47 tags.
    speaks: _Language | None = None
    hears: _Language | None = None
    # Epoch seconds at which a visit that began with this token ends; None: at `exp`, which otherwise is only the last
    # moment to come in.
    ends_at: int | float | None = None
    # The `jti` of the token with which the visit began, in one that carries it on.
    origin: str | None = None


def grant_of(claims: Mapping[str, Any], token_id: str) -> Grant:
    """Read the claims of a token whose signature, issuer, audience and times are good.

    Args:
        claims: the payload.
        token_id: its name if it has no `jti`.

    Raises:
        TokenError: they mean nothing, or do not let in.
    """
    grants = _grants(claims)
    subject, room = claims.get("sub"), _room(claims, grants)
    if not isinstance(subject, str) or not is_id(subject):
        raise TokenError("malformed")
    if not grants.room_join:
        raise TokenError("does not let in")
    for name in ("exp", "nbf", "iat"):
        if name in claims:
            moment(claims[name])
    own_id = _an_id(claims["jti"]) if "jti" in claims else token_id
    return Grant(
        identity=Identity(subject, room),
        role=_role(grants),
        publish=grants.can_publish and not grants.hidden,
        subscribe=grants.can_subscribe,
        hidden=grants.hidden,
        languages=_languages(grants.langs),
        speaking_language=_language(grants.speaks, normalise_spoken),
        listening_language=_language(grants.hears, normalise),
        name=_name(claims),
        admitted=grants.admitted,
        expires_at=moment(claims["exp"] if grants.ends_at is None else grants.ends_at),
        token_id=own_id,
        origin_id=own_id if grants.origin is None else _an_id(grants.origin),
    )


def claims_of(grant: Grant, *, as_origin: bool = True) -> dict[str, Any]:
    """Write a grant as claims: `grant_of` reads the same rights from them. `exp`, `nbf`, `iss` and `aud` are not here.

    `as_origin`: False for a token that only carries on the visit which another one began.
    """
    grants = Grants(
        can_publish=grant.publish and grant.role != "listener",
        can_subscribe=grant.subscribe,
        room_admin=grant.is_host,
        hidden=grant.hidden,
        admitted=grant.admitted,
        langs=None if grant.languages is None else tuple(sorted(grant.languages)),
        speaks=grant.speaking_language,
        hears=grant.listening_language,
        ends_at=grant.expires_at,
        origin=None if as_origin else grant.origin_id or grant.token_id or None,
    )
    claims: dict[str, Any] = {"sub": grant.participant_id, "room": grant.room_id}
    if grant.name is not None:
        claims["name"] = grant.name
    return claims | {"grants": msgspec.to_builtins(grants)}


def moment(value: object) -> float:
    """Read a NumericDate (RFC 7519 section 2), in epoch seconds.

    Raises:
        TokenError: it is none: text, true, or no moment there could be.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST or math.isnan(value):
        raise TokenError("malformed")
    return float(value)


def _grants(claims: Mapping[str, Any]) -> Grants:
    try:
        return msgspec.convert(claims.get("grants", {}), Grants, strict=True)
    except msgspec.ValidationError:
        raise TokenError("malformed") from None


def _room(claims: Mapping[str, Any], grants: Grants) -> str:
    named = [room for room in (claims.get("room"), grants.room) if room is not None]
    if not named or any(room != named[0] for room in named) or not isinstance(named[0], str) or not is_id(named[0]):
        raise TokenError("malformed")
    return named[0]


def _role(grants: Grants) -> Role:
    if grants.room_admin:
        return "host"
    return "speaker" if grants.can_publish and not grants.hidden else "listener"


def _languages(tags: tuple[str, ...] | None) -> frozenset[str] | None:
    try:
        return None if tags is None else frozenset(map(normalise, tags))
    except UnknownLanguageError:
        raise TokenError("malformed") from None


def _language(tag: str | None, normalised: Callable[[str], str]) -> str | None:
    try:
        return None if tag is None else normalised(tag)
    except UnknownLanguageError:
        raise TokenError("malformed") from None


def _name(claims: Mapping[str, Any]) -> str | None:
    name = claims.get("name")
    if name is None:
        return None
    try:
        if isinstance(name, str) and len(name) <= _LONGEST_NAME:
            return clean_name(name)
    except BadNameError:
        pass
    raise TokenError("malformed")


def _an_id(value: object) -> str:
    """Read a `jti`: any printable text, since others make theirs in their own way."""
    if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and all("!" <= c <= "~" for c in value):
        return value
    raise TokenError("malformed")
