"""`POST /api/v1/dev-token`: tokens for trying it out, without proving who one is."""

from typing import Literal

import msgspec
from aiohttp import web

from signaling.admission import require_own_origin
from signaling.door import DOOR, REFUSED, Door
from signaling.identity.grant import Grant, Identity
from signaling.identity.tokens import new_participant_id
from signaling.names import is_id
from signaling.origins import is_this_machine

_REFUSAL = (
    "this server gives development tokens only to pages opened on its own machine, at http://localhost or 127.0.0.1; "
    "the setting dev_tokens = 'always' gives them to everybody who reaches it"
)


class _Wanted(msgspec.Struct, frozen=True):
    room_id: str
    role: Literal["speaker", "host"] = "speaker"


def _may_have_one(request: web.Request, door: Door) -> bool:
    if door.settings.dev_tokens != "loopback":
        return door.settings.dev_tokens == "always"
    local = request.transport.get_extra_info("sockname") if request.transport else None
    return is_this_machine(local=local[0] if local else None, host=request.host, headers=list(request.headers))


def _role(wanted: _Wanted, door: Door) -> Literal["speaker", "host"]:
    """Give the role that is asked for. Nobody becomes a host beside one who is there: a room has whoever opened it."""
    room = door.rooms.get(wanted.room_id)
    has_host = room is not None and any(each.info.role == "host" for each in room.participants.values())
    return "speaker" if has_host else wanted.role


def _failed(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


async def dev_token(request: web.Request) -> web.Response:
    """Give a token for the room named in the body: `{"token": ..., "expires_in_s": ..., "role": ...}`.

    The body is `{"room_id": ..., "role": "speaker" or "host"}`; without a role it is a speaker's token. A host's is
    given only while no host is in the room, as far as this node knows.
    """
    door = request.app[DOOR]
    require_own_origin(request)
    if not _may_have_one(request, door):
        REFUSED.labels("dev_token").inc()
        return _failed(403, "dev_tokens_off", _REFUSAL)
    if request.content_type != "application/json":
        return _failed(415, "not_json", "send the body as application/json")
    try:
        # Bounded in size and time for all requests alike (`signaling.rate_limit`).
        wanted = msgspec.json.decode(await request.read(), type=_Wanted)
    except (msgspec.DecodeError, RecursionError, web.RequestPayloadError):
        return _failed(400, "bad_request", 'send {"room_id": "..."}, and "role": "host" to rule a room without a host')
    if not is_id(wanted.room_id):
        return _failed(400, "bad_room_id", "a room id has 1 to 64 letters, digits, `-` or `_` of ASCII")
    role = _role(wanted, door)
    token = door.tokens.issue_for(Grant(identity=Identity(new_participant_id(), wanted.room_id), role=role))
    return web.json_response(
        {"token": token, "expires_in_s": door.settings.token_lifetime_s, "role": role},
        headers={"Cache-Control": "no-store"},
    )
