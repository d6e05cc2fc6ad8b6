"""The page's files, read once from the installed `web` package."""

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from aiohttp import web

from signaling.names import is_id

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}

HEADERS = {
    # Only our own files, no inline script, no markup from strings (Trusted Types), no frames.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self' ws: wss:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # A room's address is its key to some: no other site learns it.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), display-capture=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # In the place of aiohttp's, which tells versions to whoever looks for holes in them.
    "Server": "parley",
}


class Asset(NamedTuple):
    """One file of the page."""

    body: bytes
    content_type: str
    etag: str


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Asset]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
            continue
        content_type = _TYPES.get("." + entry.name.rpartition(".")[2])
        if content_type is not None:
            body = entry.read_bytes()
            yield prefix + entry.name, Asset(body, content_type, hashlib.sha256(body).hexdigest()[:32])


class Page:
    """Serves the files by name. What is not among them does not exist, so no path leads out of the package."""

    def __init__(self) -> None:
        self._assets = dict(_walk(files("web")))

    def add_routes(self, app: web.Application) -> None:
        """Put the landing page, the room page and their files into an application."""
        app.router.add_get("/", self._landing)
        app.router.add_get("/r/{room_id}", self._room)
        app.router.add_get("/assets/{path:.+}", self._asset)

    async def _landing(self, request: web.Request) -> web.Response:
        return self._serve(request, "index.html")

    async def _room(self, request: web.Request) -> web.Response:
        if not is_id(request.match_info["room_id"]):
            raise web.HTTPNotFound(text="no such room: an id has 1 to 64 letters, digits, `-` or `_`")
        return self._serve(request, "room.html")

    async def _asset(self, request: web.Request) -> web.Response:
        return self._serve(request, request.match_info["path"])

    def _serve(self, request: web.Request, name: str) -> web.Response:
        asset = self._assets.get(name)
        if asset is None:
            raise web.HTTPNotFound(text="no such page")
        # Asked for each time, sent only when it changed: a page and its scripts are never of two versions.
        headers = {"ETag": f'"{asset.etag}"', "Cache-Control": "no-cache", "Content-Type": asset.content_type}
        if any(tag.value == asset.etag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=asset.body, headers=headers)


async def add_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Put `HEADERS` on whatever is answered, refusals included."""
    response.headers.update(HEADERS)
