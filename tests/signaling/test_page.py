"""The page's files: the right ones, of the right type, with the right headers."""

import re
from importlib.resources import files

import pytest

from signaling.page import HEADERS
from tests.signaling.conftest import House

WEB = files("web")


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html"),
        ("/r/demo", "text/html"),
        ("/overlay/demo", "text/html"),
        ("/assets/js/main.js", "text/javascript"),
        ("/assets/css/base.css", "text/css"),
        ("/assets/strings/es.json", "application/json"),
        ("/assets/icons.svg", "image/svg+xml"),
        ("/assets/icons/icon-192.png", "image/png"),
        ("/assets/manifest.webmanifest", "application/manifest+json"),
    ],
)
async def test_files_and_their_types(house: House, path: str, content_type: str) -> None:
    """Each is what it is, and says so."""
    async with house.http.get(path) as response:
        assert (response.status, response.content_type) == (200, content_type)
        assert await response.read()


@pytest.mark.parametrize(
    "path", ["/", "/r/demo", "/overlay/demo", "/assets/js/main.js", "/nowhere", "/healthz", "/r/a.b"]
)
async def test_every_answer_has_the_security_headers(house: House, path: str) -> None:
    """Refusals included."""
    async with house.http.get(path) as response:
        assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


def test_no_inline_script_is_allowed() -> None:
    """The policy names only our own files."""
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "default-src 'self'" in policy


@pytest.mark.parametrize("name", ["index.html", "room.html", "overlay.html"])
def test_the_page_has_no_inline_script_or_style(name: str) -> None:
    """The policy would stop them."""
    text = (WEB / name).read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", text)


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../signaling/app.py",
        "/assets/%2e%2e/pyproject.toml",
        "/assets/..%2f..%2fpyproject.toml",
        "/assets//etc/passwd",
        "/assets/__init__.py",
        "/assets/js",
        "/assets/js/",
        "/r/a.b",
        "/r/a%20b",
        "/r/" + "a" * 65,
        "/overlay/a.b",
    ],
)
async def test_nothing_else_is_there(house: House, path: str) -> None:
    """No path leads out of the page's own files."""
    async with house.http.get(path) as response:
        assert response.status == 404


async def test_what_has_not_changed_is_not_sent_again(house: House) -> None:
    """By its tag."""
    async with house.http.get("/assets/js/main.js") as response:
        tag = response.headers["ETag"]
    async with house.http.get("/assets/js/main.js", headers={"If-None-Match": tag}) as response:
        assert (response.status, await response.read()) == (304, b"")
    async with house.http.get("/assets/js/main.js", headers={"If-None-Match": '"other"'}) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("path", "accepts", "packed"),
    [
        ("/assets/js/main.js", "gzip, deflate, br", True),
        ("/r/demo", "br;q=1.0, gzip;q=0.8", True),
        ("/assets/js/main.js", "*", True),
        ("/assets/js/main.js", "br, gzip;q=0", False),
        ("/assets/js/main.js", "identity", False),
        # Packed as it is.
        ("/assets/icons/icon-512.png", "gzip", False),
    ],
)
async def test_text_is_packed_for_whoever_can_unpack_it(house: House, path: str, accepts: str, packed: bool) -> None:
    """It is a third of the bytes; a cache in between tells the two apart, and so does the tag."""
    async with house.http.get(path, headers={"Accept-Encoding": accepts}) as response:
        assert (response.headers.get("Content-Encoding") == "gzip") is packed
        assert response.headers["ETag"].endswith('-gzip"') is packed
        assert response.headers.get("Vary") == (None if path.endswith(".png") else "Accept-Encoding")
        body, tag = await response.read(), response.headers["ETag"]
        name = "room.html" if path == "/r/demo" else path.removeprefix("/assets/")
        assert body == (WEB / name).read_bytes()
        if packed:
            assert int(response.headers["Content-Length"]) < len(body) / 1.5
    asked = {"Accept-Encoding": accepts, "If-None-Match": tag}
    async with house.http.get(path, headers=asked) as response:
        assert response.status == 304
