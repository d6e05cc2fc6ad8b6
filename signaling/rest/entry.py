"""Who may call an operation: services with an API key, a room's hosts, and other nodes of this server."""

from aiohttp import web

from signaling.door import DOOR, REFUSED
from signaling.identity.grant import Grant
from signaling.identity.token_error import TokenError
from signaling.rest.operation import Access
from signaling.rest.problem import ProblemError


async def admit(request: web.Request, access: Access) -> Grant | None:
    """Check who asks. Gives the grant of a host, None for services, nodes and the public.

    Raises:
        ProblemError: 401, the token is none, or none that counts any more; 403, it is not that of a host of the room.
        HTTPUnauthorized: without a good API key.
    """
    if access in (Access.PUBLIC, Access.MEMBER):
        return None
    if access is Access.NODE and _is_node(request):
        return None
    token = _token(request) if access is Access.RULER else None
    if token is None:
        request.app[DOOR].api_keys.verify(request)
        return None
    return await _host(request, token)


def _is_node(request: web.Request) -> bool:
    nodes = request.app[DOOR].nodes
    return nodes is not None and nodes.roll.is_asked_by_node(request)


def _token(request: web.Request) -> str | None:
    """Give a participant's token, if that is what is shown: JSON, in base64, and two dots (RFC 7515)."""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    shown = shown.strip()
    is_token = scheme.lower() == "bearer" and shown.startswith("eyJ") and shown.count(".") == 2
    return shown if is_token and "X-API-Key" not in request.headers else None


async def _host(request: web.Request, token: str) -> Grant:
    door = request.app[DOOR]
    room_id = request.match_info.get("room_id", "")
    try:
        grant = await door.tokens.check(token, room_id)
    except TokenError as error:
        REFUSED.labels("token").inc()
        if error.reason == "for another room":
            raise ProblemError(403, "other_room", "this token is for another room") from None
        raise ProblemError(401, "unauthorized", str(error)) from None
    if not grant.is_host:
        REFUSED.labels("role").inc()
        raise ProblemError(403, "hosts_only", "only hosts of the room may do this")
    return grant
