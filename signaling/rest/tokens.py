"""Tokens: for services that may give them to people, and for people at this machine."""

from typing import Annotated, Literal

import msgspec
from aiohttp import web

from signaling.dev_token import dev_token
from signaling.identity.issuing import issue_token, revoke_token
from signaling.identity.wanted import TokenGiven, TokenWanted
from signaling.rest.operation import Access, Answer, AnyCall, Operation
from signaling.rest.values import Id

TOKENS = "/api/v1/tokens"


class TokenPath(msgspec.Struct, frozen=True):
    """Which token."""

    token_id: Annotated[str, msgspec.Meta(pattern="^[!-~]{1,128}$", description="Its `jti`")]


class DevTokenWanted(msgspec.Struct, frozen=True):
    """For which room, and as what."""

    room_id: Id
    # A host's only while no host is in the room; else it is a speaker's.
    role: Literal["speaker", "host"] = "speaker"


class DevTokenGiven(msgspec.Struct, frozen=True):
    """A speaker's token, or a host's."""

    token: str
    expires_in_s: int
    role: Literal["speaker", "host"]


async def give_token(call: AnyCall) -> web.StreamResponse:
    return await issue_token(call.request)


async def end_token(call: AnyCall) -> web.StreamResponse:
    return await revoke_token(call.request)


async def give_dev_token(call: AnyCall) -> web.StreamResponse:
    return await dev_token(call.request)


OPERATIONS = (
    Operation(
        method="POST",
        path=TOKENS,
        name="give_token",
        tag="tokens",
        summary="Make a token with which somebody comes into a room",
        does=give_token,
        body_type=TokenWanted,
        answer=Answer(201, "The token", TokenGiven),
        refusals={422: "An id, a name, a language or a lifetime that no token can have"},
        is_raw=True,
    ),
    Operation(
        method="DELETE",
        path=TOKENS + "/{token_id}",
        name="revoke_token",
        tag="tokens",
        summary="Revoke a token",
        description="Nobody comes in with it any more, and who did is put out, on every node. "
        "It is no error to revoke one that nobody has.",
        does=end_token,
        path_type=TokenPath,
        answer=Answer(204, "It counts no more"),
        is_raw=True,
    ),
    Operation(
        method="POST",
        path="/api/v1/dev-token",
        name="give_dev_token",
        tag="tokens",
        summary="Make a token without proving anything, at the server's own machine",
        description="For trying things out: see the setting `dev_tokens`.",
        does=give_dev_token,
        access=Access.PUBLIC,
        body_type=DevTokenWanted,
        answer=Answer(200, "The token", DevTokenGiven),
        refusals={403: "This server gives none to you"},
        is_raw=True,
    ),
)
