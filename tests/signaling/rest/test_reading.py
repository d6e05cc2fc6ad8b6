"""Path, query and body."""

import json
from typing import Annotated, Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from signaling.rest.problem import ProblemError
from signaling.rest.reading import fields_of, read_body, read_path, read_query
from signaling.rest.room import NewRoom, RoomPath


class Query(msgspec.Struct, forbid_unknown_fields=True):
    number: Annotated[int, msgspec.Meta(ge=0)] = 0
    word: str = ""


def asked(path: str, **more: Any) -> web.Request:
    return make_mocked_request("GET", path, **more)


def test_ids_in_the_path() -> None:
    """Nothing else may stand there."""
    assert read_path(asked("/", match_info={"room_id": "demo"}), RoomPath) == RoomPath("demo")
    for bad in ("a b", "demo\n", "é"):
        with pytest.raises(ProblemError) as refused:
            read_path(asked("/", match_info={"room_id": bad}), RoomPath)
        assert (refused.value.status, refused.value.code) == (400, "bad_id")


def test_a_query_is_read_as_what_it_should_be() -> None:
    """Numbers as numbers, what is left out as the default."""
    assert read_query(asked("/?number=7"), Query) == Query(7)
    assert read_query(asked("/"), Query) == Query()


@pytest.mark.parametrize("query", ["number=x", "number=-1", "number=", "other=1", "word=a&word=b"])
def test_another_query_is_refused(query: str) -> None:
    """A parameter that is unknown would silently mean nothing."""
    with pytest.raises(ProblemError) as refused:
        read_query(asked(f"/?{query}"), Query)
    assert refused.value.status == 400


async def read(body: bytes, content_type: str = "application/json") -> NewRoom:
    class Request:
        def __init__(self) -> None:
            self.content_type = content_type

        async def read(self) -> bytes:
            return body

    given: NewRoom = await read_body(Request(), NewRoom)  # type: ignore[arg-type]
    return given


async def test_a_body_is_read() -> None:
    """Into the struct."""
    assert await read(b'{"lobby": true}') == NewRoom(lobby=True)


async def test_a_whole_number_is_one_however_it_is_written() -> None:
    """JSON knows one kind of number; text is none."""
    assert await read(b'{"max_participants": 5.0}') == NewRoom(max_participants=5)
    for bad in (b'{"max_participants": 5.5}', b'{"max_participants": "5"}'):
        with pytest.raises(ProblemError):
            await read(bad)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"lobby": 1}', "lobby"),
        (b'{"lobbby": true}', "lobbby"),
        (b'{"room_id": "a b"}', "room_id"),
        (b'{"room_id": "demo\\n"}', "an id has"),
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"glossary":' + b"[" * 100_000, "body: "),
        (b"[" * 100_000, "body: "),
        (json.dumps({"x" * 10_000: 1}).encode(), "unknown"),
    ],
)
async def test_another_body_is_refused(body: bytes, words: str) -> None:
    """In words that are bounded."""
    with pytest.raises(ProblemError, match=words) as refused:
        await read(body)
    assert refused.value.status == 400
    assert len(refused.value.message) <= 200


async def test_a_body_says_that_it_is_json() -> None:
    """A form that a page of another site can send without asking is none."""
    with pytest.raises(ProblemError) as refused:
        await read(b"{}", "text/plain")
    assert refused.value.status == 415


async def test_a_body_that_breaks_off_is_refused() -> None:
    """It is no fault of ours."""

    class Request:
        content_type = "application/json"

        async def read(self) -> bytes:
            raise aiohttp.web.RequestPayloadError("half")

    with pytest.raises(ProblemError) as refused:
        await read_body(Request(), NewRoom)  # type: ignore[arg-type]
    assert refused.value.status == 400


def test_what_was_said_is_told_from_what_was_not() -> None:
    """Null is something."""
    assert fields_of(NewRoom(lobby=False, listening_language=None)) == {"lobby": False, "listening_language": None}
    assert fields_of(NewRoom(lobby=False, locked=True), ["locked"]) == {"locked": True}
