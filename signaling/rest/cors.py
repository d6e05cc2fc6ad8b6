"""Pages of other origins: only those in `allowed_origins` may use the interface from a browser (Fetch, CORS protocol).

Nobody is recognised by a cookie here, so credentials are never allowed.
"""

from aiohttp import web

from signaling.admission import require_own_origin
from signaling.door import DOOR

# Headers that pages may send and read, beside those that browsers always let pass.
_SENT = "Authorization, Content-Type, X-API-Key"
_READ = "Allow, Content-Disposition, Location, Retry-After"
# For how long a browser may remember what a preflight said, in seconds.
_MAX_AGE_S = 600

# These change nothing, and without our leave a page of another origin cannot read what comes back.
_SAFE = ("GET", "HEAD")


def is_foreign(request: web.Request) -> bool:
    """Whether a page of an origin on the list asks; of our own origin browsers need no leave."""
    return request.headers.get("Origin") in request.app[DOOR].settings.allowed_origins


def preflight(request: web.Request) -> web.Response | None:
    """Answer a browser's question whether a page may ask something; None if this is another request."""
    asked = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if not asked or not is_foreign(request):
        return None
    unmatched = request.match_info.http_exception
    if not isinstance(unmatched, web.HTTPMethodNotAllowed):
        return None
    methods = ", ".join(sorted(unmatched.allowed_methods))
    headers = {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": _SENT,
        "Access-Control-Max-Age": str(_MAX_AGE_S),
    }
    return web.Response(status=204, headers=headers)


def require_allowed(request: web.Request) -> None:
    """Turn away what another site's page wants to change.

    Raises:
        HTTPForbidden: its origin is neither ours nor on the list.
    """
    if request.method not in _SAFE:
        require_own_origin(request)


def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Let a page of an allowed origin read the answer."""
    if request.app[DOOR].settings.allowed_origins:
        response.headers["Vary"] = "Origin"
        if is_foreign(request):
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Expose-Headers"] = _READ
