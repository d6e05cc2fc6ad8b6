"""Puts operations into an application."""

from collections.abc import Iterable, Mapping
from functools import partial

import msgspec
from aiohttp import web

from signaling.door import DOOR
from signaling.rest.entry import admit
from signaling.rest.operation import AnyCall, AnyOperation, Call
from signaling.rest.problem import JSON
from signaling.rest.reading import read_body, read_path, read_query
from signaling.rest.values import Nothing

_NOTHING = Nothing()


def add_operations(app: web.Application, operations: Iterable[AnyOperation]) -> None:
    """Make a route of each; those of one path must stand together, for 405 to tell them all."""
    for operation in operations:
        if operation.method == "GET":
            app.router.add_get(operation.path, partial(serve, operation))
        else:
            app.router.add_route(operation.method, operation.path, partial(serve, operation))


async def serve(operation: AnyOperation, request: web.Request) -> web.StreamResponse:
    """Answer one request: who asks, what they say, what is done, in this order.

    Raises:
        ProblemError: it is refused.
        HTTPException: likewise.
    """
    done = await operation.does(await _call(operation, request))
    if isinstance(done, web.StreamResponse):
        return done
    return answer(done, operation.answer.status)


def answer(body: msgspec.Struct | None, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """Give a response with a body as JSON, or with none. It is nothing to be cached."""
    everyone = {"Cache-Control": "no-store", **(headers or {})}
    if body is None:
        return web.Response(status=status, headers=everyone)
    return web.Response(status=status, body=msgspec.json.encode(body), content_type=JSON, headers=everyone)


async def _call(operation: AnyOperation, request: web.Request) -> AnyCall:
    grant, door = await admit(request, operation.access), request.app[DOOR]
    if operation.is_raw:
        return Call(request, door, _NOTHING, _NOTHING, None, grant)
    path = read_path(request, operation.path_type)
    query = read_query(request, operation.query_type)
    body = None if operation.body_type is None else await read_body(request, operation.body_type)
    return Call(request, door, path, query, body, grant)
