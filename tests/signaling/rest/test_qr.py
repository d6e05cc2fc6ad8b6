"""QR codes: of this server's links, and of nothing else."""

import pytest

from signaling.rest.qr import LONGEST_LINK, is_own_link, svg_of
from tests.signaling.conftest import House

HOST = "talk.example.org:8080"


@pytest.mark.parametrize(
    "text", [f"http://{HOST}/r/demo", f"https://{HOST}", "https://page.example.org/r/demo?lang=es"]
)
def test_a_link_of_this_server(text: str) -> None:
    """By whatever scheme, since TLS may end before us; and of the pages that may use it."""
    assert is_own_link(text, HOST, ["https://page.example.org"])


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "//talk.example.org:8080/r/demo",
        "javascript://talk.example.org:8080/%0aalert(1)",
        "https://evil.org/r/demo",
        f"https://{HOST}@evil.org/r/demo",
        f"https://evil.org\\@{HOST}/r/demo",
        f"https://{HOST}.evil.org/r/demo",
        f"http://{HOST}/r/dé",
        f"http://{HOST}/r/demo\n",
        f"http://{HOST}/?q=<svg>",
    ],
)
def test_what_is_none(text: str) -> None:
    """Nobody is led elsewhere by a code of ours."""
    assert not is_own_link(text, HOST, ())


def test_the_picture_says_nothing_but_squares() -> None:
    """No text of the link gets into the markup; it is scaled by whoever shows it."""
    picture = svg_of(f"http://{HOST}/r/demo")
    assert picture.startswith(b"<svg ")
    assert b"viewBox=" in picture
    assert b"demo" not in picture
    assert b"style" not in picture
    assert picture != svg_of(f"http://{HOST}/r/other")


async def test_it_is_given_to_everybody(house: House) -> None:
    """As a picture, under the headers of everything else."""
    link = f"http://{house.http.host}:{house.http.port}/r/demo"
    async with house.http.get("/api/v1/qr", params={"text": link}) as response:
        assert response.status == 200
        assert response.content_type == "image/svg+xml"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert (await response.read()).startswith(b"<svg ")


@pytest.mark.parametrize(
    ("text", "status"), [("https://evil.org/", 422), ("", 400), (f"http://127.0.0.1/{'a' * LONGEST_LINK}", 400)]
)
async def test_anything_else_is_refused(house: House, text: str, status: int) -> None:
    """In words."""
    async with house.http.get("/api/v1/qr", params={"text": text}) as response:
        assert response.status == status
        assert (await response.json())["error"]["message"]
