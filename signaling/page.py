"""The page's files, read once from the installed `web` package."""

import gzip
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
    ".png": "image/png",
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
    # The same in a third of the bytes, for whoever can unpack it; None for pictures, which are packed as they are.
    packed: bytes | None
    content_type: str
    etag: str

    @classmethod
    def of(cls, body: bytes, content_type: str) -> "Asset":
        packed = None if content_type == _TYPES[".png"] else gzip.compress(body, mtime=0)
        return cls(body, packed, content_type, hashlib.sha256(body).hexdigest()[:32])


def _takes_gzip(request: web.Request) -> bool:
    for entry in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = entry.replace(" ", "").partition(";q=")
        if name in ("gzip", "*"):
            return weight.strip("0.") != "" or weight == ""
    return False


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Asset]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
            continue
        content_type = _TYPES.get("." + entry.name.rpartition(".")[2])
        if content_type is not None:
            yield prefix + entry.name, Asset.of(entry.read_bytes(), content_type)


class Page:
    """Serves the files by name. What is not among them does not exist, so no path leads out of the package."""

    def __init__(self) -> None:
        self._assets = dict(_walk(files("web")))

    def add_routes(self, app: web.Application) -> None:
        """Put the landing page, the room page, the overlay and their files into an application."""
        app.router.add_get("/", self._landing)
        app.router.add_get("/r/{room_id}", self._room)
        app.router.add_get("/overlay/{room_id}", self._overlay)
        app.router.add_get("/assets/{path:.+}", self._asset)

    async def _landing(self, request: web.Request) -> web.Response:
        return self._serve(request, "index.html")

    async def _room(self, request: web.Request) -> web.Response:
        return self._serve_room(request, "room.html")

    async def _overlay(self, request: web.Request) -> web.Response:
        # With the headers of every page: a browser source of OBS is a window of its own, so frames stay forbidden.
        return self._serve_room(request, "overlay.html")

    def _serve_room(self, request: web.Request, name: str) -> web.Response:
        if not is_id(request.match_info["room_id"]):
            raise web.HTTPNotFound(text="no such room: an id has 1 to 64 letters, digits, `-` or `_`")
        return self._serve(request, name)

    async def _asset(self, request: web.Request) -> web.Response:
        return self._serve(request, request.match_info["path"])

    def _serve(self, request: web.Request, name: str) -> web.Response:
        asset = self._assets.get(name)
        if asset is None:
            raise web.HTTPNotFound(text="no such page")
        packed = asset.packed if _takes_gzip(request) else None
        etag = asset.etag if packed is None else f"{asset.etag}-gzip"
        # Asked for each time, sent only when it changed: a page and its scripts are never of two versions.
        headers = {"ETag": f'"{etag}"', "Cache-Control": "no-cache", "Content-Type": asset.content_type}
        if asset.packed is not None:
            headers["Vary"] = "Accept-Encoding"
        if any(tag.value == etag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        if packed is None:
            return web.Response(body=asset.body, headers=headers)
        return web.Response(body=packed, headers={**headers, "Content-Encoding": "gzip"})


async def add_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Put `HEADERS` on whatever is answered, refusals included."""
    response.headers.update(HEADERS)
