"""A link of this server as a QR code, so that a phone comes into a room without typing."""

import io
from collections.abc import Collection
from functools import lru_cache
from typing import Annotated

import msgspec
import segno
from aiohttp import web

from signaling.door import DOOR
from signaling.origins import is_allowed
from signaling.rest.operation import Access, Answer, Call, Operation
from signaling.rest.problem import ProblemError
from signaling.rest.values import Nothing

LONGEST_LINK = 300
"""Characters: a code that a phone still reads across a table. A room's address has 160 at most beside the host."""

# White squares around the code: the standard (ISO/IEC 18004) asks for four.
_MARGIN = 4


class QrQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the code says."""

    text: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=LONGEST_LINK, description="A link of this server, as `https://host/r/demo`"
        ),
    ]


def is_own_link(text: str, host: str, allowed: Collection[str]) -> bool:
    """Whether a text is a link to this server, of printable ASCII: nobody gets codes for elsewhere from here."""
    scheme, _, rest = text.partition("://")
    origin = f"{scheme}://{rest.split('/', 1)[0]}"
    # Who is named before an @ is not the host; a browser would go on behind it.
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(' @\\"<>')
    return is_plain and scheme in ("http", "https") and is_allowed(origin, host, allowed)


@lru_cache(maxsize=64)
def svg_of(text: str) -> bytes:
    """Draw a text as a QR code: black on white, whatever is around it, as wide as its place."""
    picture = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(picture, kind="svg", border=_MARGIN, dark="#000", light="#fff", omitsize=True, xmldecl=False, nl=False)
    return picture.getvalue()


async def give_qr(call: Call[Nothing, QrQuery, None]) -> web.StreamResponse:
    text = call.query.text
    if not is_own_link(text, call.request.host, call.request.app[DOOR].settings.allowed_origins):
        raise ProblemError(422, "not_our_link", "only links of this server become QR codes here")
    headers = {"Cache-Control": "private, max-age=3600"}
    return web.Response(body=svg_of(text), content_type="image/svg+xml", headers=headers)


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/qr",
        name="give_qr",
        tag="about",
        summary="Draw a link of this server as a QR code",
        does=give_qr,
        access=Access.PUBLIC,
        query_type=QrQuery,
        answer=Answer(200, "The picture", media_types=("image/svg+xml",)),
        refusals={422: "Not a link of this server"},
    ),
)
