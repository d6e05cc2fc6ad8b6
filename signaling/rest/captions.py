"""Captions as a stream of events, declared here and served by `signaling.captions.stream`."""

from typing import Annotated, Literal

import msgspec
from aiohttp import web

from signaling.captions.stream import MEDIA_TYPE, PATH, stream
from signaling.captions.wish import Form
from signaling.rest.operation import Access, Answer, AnyCall, Operation
from signaling.rest.room import RoomPath
from signaling.rest.values import Language

Flag = Literal["0", "1", "false", "true"]


class CaptionsQuery(msgspec.Struct, frozen=True):
    """Which captions, and in which form; the same as of the captions socket."""

    language: Annotated[Language, msgspec.Meta(description="Only in this one; left out: all")] | None = None
    interim: Annotated[Flag, msgspec.Meta(description="Also what is not final yet")] = "1"
    translate: Annotated[Flag, msgspec.Meta(description="0: as it was spoken")] = "1"
    format: Form = "caption"
    after: Annotated[str, msgspec.Meta(description="The id of the last event that was had")] | None = None


async def stream_captions(call: AnyCall) -> web.StreamResponse:
    return await stream(call.request)


OPERATIONS = (
    Operation(
        method="GET",
        path=PATH,
        name="stream_captions",
        tag="captions",
        summary="Read the captions of a room as Server-Sent Events",
        description="The last ones first, then each as it comes. Final ones have an id: who comes back with it in "
        "`Last-Event-ID` goes on behind it.",
        does=stream_captions,
        access=Access.MEMBER,
        path_type=RoomPath,
        query_type=CaptionsQuery,
        answer=Answer(200, "Events, until the reader goes", media_types=(MEDIA_TYPE,)),
        refusals={406: f"`Accept` does not name {MEDIA_TYPE}"},
        is_raw=True,
    ),
)
