"""The security headers and the content policy are on every answer of every route, refusals and errors included."""

import re
from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from pipeline.bus.memory import MemoryBus
from signaling.app import build_app
from signaling.page import HEADERS
from signaling.server import serving
from signaling.settings import SignalingSettings
from tests.fakes.rooms import FakeRooms

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Served:
    """A door with what its router knows."""

    def __init__(self, url: str, app: web.Application) -> None:
        self.url = url
        self.app = app

    def routes(self) -> list[tuple[str, str]]:
        """Give (method, path) of every route, with something in the place of each variable."""
        found = set()
        for route in self.app.router.routes():
            if route.resource is not None:
                path = re.sub(r"\{[^}]*\}", "demo", route.resource.canonical)
                found.add(("GET" if route.method == "*" else route.method, path))
        return sorted(found)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Served]:
    """Give a door that also has a handler that breaks, one that sends elsewhere, and one that takes too long."""

    async def breaks(_request: web.Request) -> web.Response:
        raise ValueError("broken on purpose")

    async def moves(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/")

    async def dawdles(_request: web.Request) -> web.Response:
        raise TimeoutError

    async with MemoryBus() as bus:
        app = build_app(FakeRooms(), bus, SignalingSettings(port=0))
        for name, handler in (("breaks", breaks), ("moves", moves), ("dawdles", dawdles)):
            app.router.add_get(f"/test/{name}", handler)
        async with serving(app) as url:
            yield Served(url, app)


async def answer(url: str, method: str = "GET", **more: object) -> tuple[int, Mapping[str, str]]:
    """Give status and headers; what comes behind them, for ever perhaps, is left."""
    async with aiohttp.ClientSession() as http:
        response = await http.request(method, url, allow_redirects=False, **more)  # type: ignore[arg-type]
        response.close()
        return response.status, response.headers


def assert_safe(headers: Mapping[str, str], what: object) -> None:
    """See that each header is there, as it should be, once."""
    assert {name: headers.get(name) for name in HEADERS} == HEADERS, what
    assert all(len(headers.getall(name)) == 1 for name in HEADERS), what  # type: ignore[attr-defined]


async def test_every_route_by_every_method(served: Served) -> None:
    """Those it has, and those it has not; without any right to be answered otherwise."""
    routes = served.routes()
    assert len(routes) > 10
    statuses = set()
    for method, path in routes:
        for asked in {method, "OPTIONS", "DELETE"}:
            status, headers = await answer(served.url + path, asked)
            assert_safe(headers, (asked, path, status))
            statuses.add(status)
    assert {200, 400, 404, 405} <= statuses


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/r/a.b", 404),
        ("/assets/../x", 404),
        ("/%00", 404),
        ("/test/breaks", 500),
        ("/test/moves", 302),
        ("/test/dawdles", 504),
        ("/ws/signaling/demo", 400),
        ("/" + "a" * 9_000, 400),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_every_refusal_and_error(served: Served, path: str, status: int, accept: str) -> None:
    """Whatever kind of answer is asked for; and it says nothing of what broke."""
    url, asked = served.url + path, {"Accept": accept}
    async with aiohttp.ClientSession() as http, http.get(url, headers=asked, allow_redirects=False) as response:
        assert response.status == status
        assert_safe(response.headers, path)
        assert "broken on purpose" not in await response.text()


async def test_an_upgrade_and_one_that_is_refused(served: Served) -> None:
    """Also where it is for a bad token only that the socket opens."""
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", **key}
    for more, status in (({}, 101), ({"Origin": "https://evil.example"}, 403), ({"Sec-WebSocket-Key": "<b>"}, 400)):
        got, headers = await answer(f"{served.url}/ws/signaling/demo", headers={**upgrade, **more})
        assert got == status
        assert_safe(headers, more)


async def test_a_file_that_has_not_changed(served: Served) -> None:
    """An empty answer keeps a page safe, too."""
    _, headers = await answer(f"{served.url}/assets/js/main.js")
    status, again = await answer(f"{served.url}/assets/js/main.js", headers={"If-None-Match": headers["ETag"]})
    assert status == 304
    assert_safe(again, status)


async def test_nothing_tells_what_runs_here_in_detail(served: Served) -> None:
    """The server's versions are for whoever looks for holes in them."""
    for path in ("/", "/nowhere", "/" + "a" * 9_000):
        _, headers = await answer(served.url + path)
        assert not re.search(r"\d", headers.get("Server", "")), headers.get("Server")


async def test_the_policy_is_strict() -> None:
    """Our own files only: nothing inline, nothing evaluated, no markup from strings, no frames, no plugins."""
    policy = {
        name: values.split()
        for name, _, values in (part.strip().partition(" ") for part in HEADERS["Content-Security-Policy"].split(";"))
    }
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert policy["trusted-types"] == ["'none'"]
    assert not any("unsafe" in value or value == "*" for values in policy.values() for value in values)
