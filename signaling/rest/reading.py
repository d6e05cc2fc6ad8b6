"""Reads what a request says: path, query and body, each into the struct that the operation declares."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from signaling.names import is_id
from signaling.rest.problem import JSON, ProblemError

S = TypeVar("S", bound=msgspec.Struct)

# Of what msgspec says no more is repeated than this: it may quote the client.
_COMPLAINT = 200


def read_path(request: web.Request, kind: type[S]) -> S:
    """Read the parameters in the path, which are ids.

    Raises:
        ProblemError: 400, one is none.
    """
    found = dict(request.match_info)
    for name, text in found.items():
        if not is_id(text):
            raise ProblemError(400, "bad_id", f"{name}: an id has 1 to 64 letters, digits, `-` or `_` of ASCII")
    return _convert(found, kind, "path")


def read_query(request: web.Request, kind: type[S]) -> S:
    """Read the query.

    Raises:
        ProblemError: 400, a parameter is unknown, twice there, or not what it should be.
    """
    found = dict(request.query)
    if len(found) < len(request.query):
        raise ProblemError(400, "bad_request", "query: say each parameter once")
    return _convert(found, kind, "query")


async def read_body(request: web.Request, kind: Any) -> Any:
    """Read a body of JSON, which must be of this type exactly; unknown fields are refused.

    Its size, its encoding and the time that it may take are bounded for all requests alike (`signaling.rate_limit`).

    Raises:
        ProblemError: 400, it is something else; 415, it is not said to be JSON.
        HTTPRequestEntityTooLarge: it is larger than `max_message_bytes`.
    """
    if request.content_type != JSON:
        raise ProblemError(415, "not_json", f"send the body as {JSON}")
    try:
        return decode(await request.read(), kind)
    except msgspec.ValidationError as error:
        raise ProblemError(400, "bad_request", f"body: {error}"[:_COMPLAINT]) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise ProblemError(400, "bad_request", "body: this is not JSON") from None
    except (web.RequestPayloadError, ConnectionError):
        raise ProblemError(400, "bad_request", "body: it is not as its headers say") from None


def decode(body: bytes, kind: Any) -> Any:
    """Read JSON as a type, strictly; 5.0 is a whole number, as JSON Schema has it.

    Raises:
        msgspec.DecodeError: it is not JSON, or something else (ValidationError).
        RecursionError, UnicodeDecodeError: likewise.
    """
    return msgspec.convert(_whole(msgspec.json.decode(body)), kind)


def fields_of(struct: msgspec.Struct, names: Iterable[str] = ()) -> dict[str, Any]:
    """Give the fields of a struct that were said (of these names; all, if none is given)."""
    wanted = tuple(names) or struct.__struct_fields__
    said = ((name, getattr(struct, name)) for name in wanted)
    return {name: value for name, value in said if value is not msgspec.UNSET}


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    return value


def _convert(found: dict[str, str], kind: type[S], where: str) -> S:
    try:
        return msgspec.convert(found, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ProblemError(400, "bad_request", f"{where}: {error}"[:_COMPLAINT]) from None
