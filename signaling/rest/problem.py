"""What went wrong with a request, and how that is said: always as `{"error": {"code", "message"}}`.

ProblemError: an operation was not done, for a reason that the client is told.
"""

import math

import msgspec
from aiohttp import web

JSON = "application/json"
_NO_STORE = {"Cache-Control": "no-store"}

# By status: codes of what aiohttp and our middlewares raise.
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "unprocessable",
    429: "too_many_requests",
    503: "unavailable",
}

# Seconds after which something that is not available may be asked for again, where nobody says otherwise.
_RETRY_S = 2.0

# Headers of aiohttp's exceptions that clients need.
_KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


class Error(msgspec.Struct, frozen=True):
    """Why something was not done."""

    # A word for programs, which stays the same.
    code: str
    # A sentence for people, which may change.
    message: str


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every answer from 400 on."""

    error: Error


class ProblemError(Exception):
    """An operation that is not done."""

    def __init__(self, status: int, code: str, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        # None: trying again changes nothing.
        self.retry_after_s = _RETRY_S if retry_after_s is None and status == 503 else retry_after_s

    def answer(self) -> web.Response:
        """Give it as a response."""
        headers = {} if self.retry_after_s is None else {"Retry-After": str(max(1, math.ceil(self.retry_after_s)))}
        return error_response(self.status, self.code, self.message, headers)


def error_response(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """Give the response that says why something was not done."""
    body = msgspec.json.encode(ErrorBody(Error(code, message)))
    return web.Response(status=status, body=body, content_type=JSON, headers={**_NO_STORE, **(headers or {})})


def http_error_response(error: web.HTTPException) -> web.Response:
    """Say in our way what aiohttp, or whoever raises its exceptions, says in theirs."""
    headers = {name: error.headers[name] for name in _KEPT if name in error.headers}
    if error.status == 503:
        headers.setdefault("Retry-After", f"{_RETRY_S:.0f}")
    if error.content_type == JSON and isinstance(error.body, bytes):
        # It is in our shape already.
        return web.Response(status=error.status, body=error.body, content_type=JSON, headers={**_NO_STORE, **headers})
    standard = f"{error.status}: {error.reason}"
    message = error.text if error.text and error.text != standard else error.reason.lower()
    return error_response(error.status, _CODES.get(error.status, "failed"), message, headers)
