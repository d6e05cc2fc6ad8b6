"""The edge of the REST interface: whatever happens behind it comes out as an answer in the one shape."""

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import Counter

from signaling.hosting.errors import HostingError, NoSuchParticipantError
from signaling.rest import cors
from signaling.rest.problem import ProblemError, error_response, http_error_response

PREFIX = "/api/"
"""What begins so is the REST interface's."""

REQUESTS = Counter("parley_rest_requests_total", "Requests of the REST interface", ["route", "status"])

_log = structlog.get_logger(__name__)


@web.middleware
async def boundary(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals into answers, and faults of ours into 500, logged once. Comes before every other middleware."""
    if not request.path.startswith(PREFIX):
        return await handler(request)
    response = await _answer(request, handler)
    REQUESTS.labels(_route(request), str(response.status)).inc()
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        answered = cors.preflight(request)
        if answered is not None:
            return answered
        cors.require_allowed(request)
        return await handler(request)
    except ProblemError as problem:
        return problem.answer()
    except HostingError as error:
        return _problem_of(error).answer()
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return http_error_response(error)
    except Exception:
        # A fault boundary: what breaks costs that request.
        _log.exception("rest_failed", route=_route(request))
        return error_response(500, "failed", "this is a fault of the server; it has been logged")


def _route(request: web.Request) -> str:
    """Name what was asked for, and never what a client made up."""
    route = request.match_info.route
    return f"{route.method} {route.resource.canonical}" if route.resource else "unmatched"


def _problem_of(error: HostingError) -> ProblemError:
    """Say what a host cannot do; every such error is one of a room as it is now."""
    if isinstance(error, NoSuchParticipantError):
        return ProblemError(404, "no_such_participant", str(error))
    return ProblemError(409, "conflict", str(error))


async def add_cors_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal for `on_response_prepare`: also streams get them before they begin."""
    if request.path.startswith(PREFIX):
        cors.add_headers(request, response)
