"""What may be spoken and heard."""

from signaling.languages import Heard, Languages, Spoken, offered
from tests.fakes.rooms import FakePaths
from tests.signaling.conftest import House


def test_the_menus_are_what_the_paths_allow() -> None:
    """Whatever can be heard can be spoken too, and it is said whether it is recognised."""
    assert offered(FakePaths()) == Languages(
        speak=(Spoken("en", True), Spoken("es", False), Spoken("fr", False)),
        listen=(Heard("en", ()), Heard("es", ("en",)), Heard("fr", ("en",))),
    )


def test_without_engines_there_is_nothing_on_the_menu() -> None:
    """The page then offers the reader's own languages."""
    paths = FakePaths()
    paths.recognisable, paths.pairs = frozenset(), set()
    assert offered(paths) == Languages(speak=(), listen=())


async def test_the_page_can_ask(house: House) -> None:
    """As JSON, never from a cache."""
    async with house.http.get("/api/v1/languages") as response:
        assert response.headers["Cache-Control"] == "no-store"
        answer = await response.json()
    assert answer["speak"][0] == {"language": "en", "recognised": True}
    assert answer["listen"][1] == {"language": "es", "sources": ["en"]}
