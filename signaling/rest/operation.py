"""One thing that the REST interface does, declared: from this come its route, its checks and its documentation."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, Literal, TypeVar

import msgspec
from aiohttp import web

from signaling.door import Door
from signaling.identity.grant import Grant
from signaling.rest.values import Nothing

Method = Literal["GET", "POST", "PATCH", "DELETE"]
Path = TypeVar("Path", bound=msgspec.Struct)
Query = TypeVar("Query", bound=msgspec.Struct)
Body = TypeVar("Body")


class Access(Enum):
    """Who may."""

    PUBLIC = "everybody"
    KEY = "services with an API key"
    # Such an operation has no room in its path, so what clients ask is never passed on as a node's question.
    NODE = "services with an API key, and this server's other nodes"
    RULER = "services with an API key, and hosts of the room with their token"
    # Such an operation checks it by itself (`is_raw`).
    MEMBER = "participants with their token, as `?token=`"


@dataclass(frozen=True, slots=True)
class Answer:
    """How it looks when it was done."""

    status: int = 200
    # For people.
    summary: str = "Done"
    # What comes as JSON; None: nothing, or what `media_types` says.
    body: Any = None
    # Of answers that are not JSON, or not only.
    media_types: tuple[str, ...] = ()
    # Headers of the answer and what they say.
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call(Generic[Path, Query, Body]):
    """One request for an operation: who asks was checked, and what they send was read."""

    request: web.Request
    door: Door
    path: Path
    query: Query
    body: Body
    # Of whoever shows a participant's token; None for services and the public.
    grant: Grant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[Path, Query, Body]):
    """A method on a path.

    `does` gives a Struct, sent as JSON with the answer's status; None, for an answer without a body; or a response.
    """

    method: Method
    # As aiohttp and OpenAPI both write it: `/api/v1/rooms/{room_id}`.
    path: str
    # Its `operationId`, by which generated clients call it.
    name: str
    # The group under which it is listed.
    tag: str
    # One line for people.
    summary: str
    # More, where one line is not enough.
    description: str = ""
    does: Callable[[Call[Path, Query, Body]], Awaitable[msgspec.Struct | web.StreamResponse | None]]
    access: Access = Access.KEY
    # Structs whose fields are the parameters.
    path_type: type[Path] = Nothing  # type: ignore[assignment]
    query_type: type[Query] = Nothing  # type: ignore[assignment]
    # What the body must be, as JSON; None: there is none.
    body_type: type[Body] | None = None
    answer: Answer = Answer()
    # Statuses with which it may refuse, and why, beside those that follow from the above.
    refusals: Mapping[int, str] = field(default_factory=dict)
    # It reads its parameters and its body by itself, so that they are only documented here.
    is_raw: bool = False


AnyCall = Call[Any, Any, Any]
AnyOperation = Operation[Any, Any, Any]
