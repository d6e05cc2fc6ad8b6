"""Staying longer than the token lets with which one came: by another one of the same person."""

from aiohttp import web

from signaling.door import Door
from signaling.identity.grant import Grant
from signaling.identity.token_error import TokenError
from signaling.protocol import ErrorCode, RefusalError, TokenRenewed

_KIND = "token"


async def renewed(token: str, grant: Grant, socket: web.WebSocketResponse, door: Door) -> tuple[Grant, TokenRenewed]:
    """Have a socket live by another token from now on; gives the new grant, and what to answer.

    It must be for the same person and room, and give the same rights: what others were told of them stays true. For
    other rights, join anew.

    Raises:
        RefusalError: it is no good token, or another person's, or of other rights. Nothing changed.
    """
    try:
        other = await door.tokens.check(token, grant.room_id)
    except TokenError as error:
        raise RefusalError(ErrorCode.BAD_TOKEN, str(error), _KIND) from None
    if not other.gives_what(grant):
        raise RefusalError(ErrorCode.BAD_TOKEN, "this token is another person's, or gives other rights", _KIND)
    if (watch := door.watches.get(socket)) is not None:
        watch.renew(other)
    # By which they get resume tokens.
    presence = door.presences.get(grant.identity)
    if presence is not None and presence.grant.gives_what(other):
        presence.grant = other
    ends_at = 0 if other.expires_at is None else int(other.expires_at)
    return other, TokenRenewed(ends_at=ends_at, resume_token=door.tokens.issue_resume(other))
