"""One line a request: aiohttp's own writes query strings, which hold tokens."""

from http import HTTPStatus

import structlog
from aiohttp.abc import AbstractAccessLogger
from aiohttp.hdrs import METH_ALL
from aiohttp.web import BaseRequest, Request, StreamResponse

# Asked every few seconds by machines, or a dozen at once by each page.
_QUIET = {"/healthz", "/readyz", "/metrics", "/assets/{path}"}

_log = structlog.get_logger(__name__)


class AccessLog(AbstractAccessLogger):
    """Method, route, status and duration: INFO; probes, files and 429 DEBUG.

    Never a query, an address, a path or a method that somebody made up.
    """

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        """Write the line. `time` is how long it took, in seconds."""
        # `match_info` asserts that there is one, and a request that could not be parsed has none.
        match = request._match_info if isinstance(request, Request) else None
        resource = match.route.resource if match is not None else None
        route = resource.canonical if resource is not None else "unmatched"
        # Who was told to slow down is counted elsewhere, and is not to fill the log instead.
        is_quiet = route in _QUIET or response.status == HTTPStatus.TOO_MANY_REQUESTS
        write = _log.debug if is_quiet else _log.info
        method = request.method if request.method in METH_ALL else "other"
        write("request", method=method, route=route, status=response.status, duration_ms=round(time * 1000, 1))
