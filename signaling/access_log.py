"""One line a request: aiohttp's own writes query strings, which hold tokens."""

import structlog
from aiohttp.abc import AbstractAccessLogger
from aiohttp.web import BaseRequest, Request, StreamResponse

# Asked every few seconds by machines, or a dozen at once by each page.
_QUIET = {"/healthz", "/readyz", "/metrics", "/assets/{path}"}

_log = structlog.get_logger(__name__)


class AccessLog(AbstractAccessLogger):
    """Method, route, status and duration: INFO, probes and files DEBUG. Never a query, an address, a made-up path."""

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        """Write the line. `time` is how long it took, in seconds."""
        # `match_info` asserts that there is one, and a request that could not be parsed has none.
        match = request._match_info if isinstance(request, Request) else None
        resource = match.route.resource if match is not None else None
        route = resource.canonical if resource is not None else "unmatched"
        write = _log.debug if route in _QUIET else _log.info
        write("request", method=request.method, route=route, status=response.status, duration_ms=round(time * 1000, 1))
