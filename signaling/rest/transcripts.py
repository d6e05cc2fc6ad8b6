"""Operations on what was kept of rooms."""

import contextlib
from collections.abc import Iterator
from typing import Annotated

import msgspec
from aiohttp import web

from signaling.rest.listing import PageQuery, page_of
from signaling.rest.operation import Access, Answer, Call, Operation
from signaling.rest.problem import ProblemError
from signaling.rest.room import RoomPath
from signaling.rest.values import Id, Language, Nothing, language
from signaling.transcripts.errors import NoTranscriptError
from signaling.transcripts.forms import Form

TRANSCRIPTS = "/api/v1/transcripts"
TRANSCRIPT = TRANSCRIPTS + "/{room_id}"

_TYPES: dict[Form, str] = {
    "json": "application/json",
    "srt": "application/x-subrip",
    "txt": "text/plain",
    "vtt": "text/vtt",
}
_NONE = {404: "Nothing is kept of this room, or not in this language"}


class TranscriptPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which transcript, and as what."""

    room_id: Id
    form: Form


class TranscriptQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In which language."""

    language: Annotated[Language, msgspec.Meta(description="Left out: each clause as it was spoken")] | None = None


class Kept(msgspec.Struct, frozen=True):
    """What is kept of a room."""

    room_id: str
    # Of everything that was said or translated.
    languages: list[str]


class KeptPage(msgspec.Struct, frozen=True):
    """Ids of rooms of which something is kept, in their order."""

    rooms: list[str]
    # `after` for the next page; null: this is the last.
    next: str | None


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    """Say with 404 that nothing is kept."""
    try:
        yield
    except NoTranscriptError as error:
        raise ProblemError(404, "no_transcript", str(error)) from None


async def list_transcripts(call: Call[Nothing, PageQuery, None]) -> KeptPage:
    return KeptPage(*page_of(await call.door.transcripts.rooms(), call.query))


async def get_transcript(call: Call[RoomPath, Nothing, None]) -> Kept:
    with _kept():
        return Kept(call.path.room_id, sorted(await call.door.transcripts.languages(call.path.room_id)))


async def render_transcript(call: Call[TranscriptPath, TranscriptQuery, None]) -> web.Response:
    room_id, form = call.path.room_id, call.path.form
    wanted = None if call.query.language is None else language(call.query.language)
    with _kept():
        text = await call.door.transcripts.render(room_id, wanted, form)
    name = ".".join(filter(None, (room_id, wanted, form)))
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=text.encode(), content_type=_TYPES[form], charset="utf-8", headers=headers)


async def delete_transcript(call: Call[RoomPath, Nothing, None]) -> None:
    with _kept():
        await call.door.transcripts.delete(call.path.room_id)


OPERATIONS = (
    Operation(
        method="GET",
        path=TRANSCRIPTS,
        name="list_transcripts",
        tag="transcripts",
        summary="List the rooms of which a transcript is kept",
        does=list_transcripts,
        query_type=PageQuery,
        answer=Answer(200, "A page of their ids", KeptPage),
    ),
    Operation(
        method="GET",
        path=TRANSCRIPT,
        name="get_transcript",
        tag="transcripts",
        summary="Say in which languages a room's transcript can be had",
        does=get_transcript,
        access=Access.RULER,
        path_type=RoomPath,
        answer=Answer(200, "The languages", Kept),
        refusals=_NONE,
    ),
    Operation(
        method="DELETE",
        path=TRANSCRIPT,
        name="delete_transcript",
        tag="transcripts",
        summary="Delete what is kept of a room",
        does=delete_transcript,
        access=Access.RULER,
        path_type=RoomPath,
        answer=Answer(204, "Nothing is kept any more"),
        refusals=_NONE,
    ),
    Operation(
        method="GET",
        path=TRANSCRIPT + "/{form}",
        name="render_transcript",
        tag="transcripts",
        summary="Get a room's transcript as subtitles or text",
        does=render_transcript,
        access=Access.RULER,
        path_type=TranscriptPath,
        query_type=TranscriptQuery,
        answer=Answer(
            200,
            "The transcript",
            media_types=tuple(_TYPES.values()),
            headers={"Content-Disposition": "A name under which it may be saved"},
        ),
        refusals={**_NONE, 422: "The language is registered nowhere"},
    ),
)
