"""What a server can do."""

from aiohttp import web
from aiohttp.test_utils import TestServer

from parley.desktop.menu import Languages, languages


async def asked(answer: web.Response) -> Languages:
    async def handle(request: web.Request) -> web.Response:
        return answer

    app = web.Application()
    app.router.add_get("/api/v1/languages", handle)
    async with TestServer(app) as server:
        return await languages(str(server.make_url("/")))


async def test_a_server_says_what_it_can() -> None:
    """What is not recognised is nothing to dictate in."""
    speak = [{"language": "en", "recognised": True, "new": 1}, {"language": "ca", "recognised": False}]
    listen = [{"language": "es", "sources": ["en"]}]
    found = await asked(web.json_response({"speak": speak, "listen": listen, "own_voice": False}))
    assert (found.to_speak, found.to_read) == (["en"], ["es"])


async def test_one_that_does_not_say_is_no_matter() -> None:
    """The menus are empty then."""
    for answer in (web.Response(status=404), web.Response(text="hello"), web.json_response([])):
        assert await asked(answer) == Languages()
    assert await languages("http://127.0.0.1:9") == Languages()
