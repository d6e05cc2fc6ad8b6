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
        ("/assets/js/main.js", "text/javascript"),
        ("/assets/css/base.css", "text/css"),
        ("/assets/strings/es.json", "application/json"),
        ("/assets/icons.svg", "image/svg+xml"),
    ],
)
async def test_files_and_their_types(house: House, path: str, content_type: str) -> None:
    """Each is what it is, and says so."""
    async with house.http.get(path) as response:
        assert (response.status, response.content_type) == (200, content_type)
        assert await response.read()


@pytest.mark.parametrize("path", ["/", "/r/demo", "/assets/js/main.js", "/nowhere", "/healthz", "/r/a.b"])
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


@pytest.mark.parametrize("name", ["index.html", "room.html"])
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
