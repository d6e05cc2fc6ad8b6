"""`POST /api/v1/tokens` and `DELETE /api/v1/tokens/{token_id}`: tokens for services that have an API key."""

import time

import structlog
from aiohttp import web

from signaling.door import DOOR
from signaling.identity.revocations import RevocationsFullError
from signaling.identity.wanted import TokenWanted, UnfitError, give
from signaling.rest.problem import ProblemError
from signaling.rest.reading import read_body
from signaling.rest.routes import answer

_LONGEST_ID = 128

_log = structlog.get_logger(__name__)


async def issue_token(request: web.Request) -> web.Response:
    """Give a token (`TokenGiven`, 201) for what the body (`TokenWanted`) says.

    Raises:
        HTTPUnauthorized: without an API key.
        ProblemError: 400, the body is something else; 415, it is not JSON; 422, no token can say that.
    """
    door = request.app[DOOR]
    api_key = door.api_keys.verify(request)
    wanted: TokenWanted = await read_body(request, TokenWanted)
    try:
        given = give(wanted, door.tokens, longest_s=door.settings.tokens.longest_s)
    except UnfitError as error:
        raise ProblemError(422, "unfit", str(error)) from None
    _log.info("token_issued", token_id=given.token_id, room_id=given.room_id, role=wanted.role, api_key=api_key)
    return answer(given, 201)


async def revoke_token(request: web.Request) -> web.Response:
    """Revoke the token whose `jti` stands in the path: 204. Sockets that live by it are closed (4401) on every node.

    It is no error to revoke one that nobody has, or a second time.

    Raises:
        HTTPUnauthorized: without an API key.
        ProblemError: 400, that is no id; 503, no more can be remembered.
    """
    door = request.app[DOOR]
    api_key = door.api_keys.verify(request)
    token_id = request.match_info["token_id"]
    if not 0 < len(token_id) <= _LONGEST_ID or not all("!" <= c <= "~" for c in token_id):
        raise ProblemError(400, "bad_token_id", "that is no `jti` of a token")
    # By then every token that exists now is over.
    until = time.time() + door.settings.tokens.longest_s + 2 * door.settings.token_leeway_s
    try:
        door.revocations.revoke(token_id, until)
    except RevocationsFullError as error:
        raise ProblemError(503, "revocations_full", str(error)) from None
    _log.info("token_revoked", token_id=token_id, api_key=api_key)
    return answer(None, 204)
