"""The interface's description of itself: the OpenAPI document, and a page for people that needs nothing of anybody."""

import html
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any

import msgspec
from aiohttp import web

from signaling.rest.document import document
from signaling.rest.operation import Access, Answer, AnyCall, AnyOperation, Operation
from signaling.rest.problem import JSON

OPENAPI = "/api/v1/openapi.json"
DOCS = "/api/v1/docs"

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Parley: REST</title></head>
<body>
<h1>Parley: the REST interface</h1>
<p>For programs the same stands in <a href="{openapi}">{openapi}</a> (OpenAPI 3.1).</p>
{groups}
</body>
</html>
"""


def with_description(operations: Iterable[AnyOperation]) -> tuple[AnyOperation, ...]:
    """Give the operations, and two more that tell of all of them."""
    description = _Description()
    description.operations = (
        *operations,
        Operation(
            method="GET",
            path=OPENAPI,
            name="openapi",
            tag="about",
            summary="This document",
            does=description.openapi,
            access=Access.PUBLIC,
            answer=Answer(200, "OpenAPI 3.1", dict[str, Any]),
        ),
        Operation(
            method="GET",
            path=DOCS,
            name="docs",
            tag="about",
            summary="The same for people",
            does=description.docs,
            access=Access.PUBLIC,
            answer=Answer(200, "A page", media_types=("text/html",)),
        ),
    )
    return description.operations


def page(operations: Sequence[AnyOperation]) -> str:
    """List operations as HTML, without a script or a style."""
    ordered = sorted(operations, key=lambda each: each.tag)
    groups = "\n".join(
        f"<h2>{html.escape(tag)}</h2>\n<dl>\n{''.join(map(_entry, those))}</dl>"
        for tag, those in groupby(ordered, key=lambda each: each.tag)
    )
    return _PAGE.format(openapi=OPENAPI, groups=groups)


class _Description:
    """Made when it is first asked for, once."""

    operations: tuple[AnyOperation, ...] = ()

    @cached_property
    def _openapi(self) -> bytes:
        return msgspec.json.encode(document(self.operations))

    @cached_property
    def _page(self) -> str:
        return page(self.operations)

    async def openapi(self, _call: AnyCall) -> web.Response:
        return web.Response(body=self._openapi, content_type=JSON, headers={"Cache-Control": "no-cache"})

    async def docs(self, _call: AnyCall) -> web.Response:
        return web.Response(text=self._page, content_type="text/html", headers={"Cache-Control": "no-cache"})


def _entry(operation: AnyOperation) -> str:
    words = " ".join(filter(None, (f"{operation.summary}.", operation.description, f"For {operation.access.value}.")))
    return f"<dt><code>{operation.method} {html.escape(operation.path)}</code></dt><dd>{html.escape(words)}</dd>\n"
