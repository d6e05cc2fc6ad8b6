"""What may be spoken and heard."""

import msgspec

from pipeline.messages import WorkerStatus
from signaling.languages import Heard, Languages, Spoken, offered
from tests.fakes.rooms import FakePaths
from tests.signaling.conftest import House


def test_the_menus_are_what_the_paths_allow() -> None:
    """Whatever can be heard can be spoken too, and it is said whether it is recognised."""
    assert offered(FakePaths()) == Languages(
        speak=(Spoken("en", True), Spoken("es", False), Spoken("fr", False)),
        listen=(Heard("en", ()), Heard("es", ("en",)), Heard("fr", ("en",))),
    )


def test_own_voices_are_offered_where_a_worker_can_imitate() -> None:
    """One that cannot work now does not count."""
    paths = FakePaths()
    assert not offered(paths).own_voice
    mimic = WorkerStatus(
        worker_id="s", stage="synthesis", engine="x", healthy=True, languages=("es",), imitates=True, at_ms=0
    )
    paths.workers = [mimic]
    assert offered(paths).own_voice
    paths.workers = [msgspec.structs.replace(mimic, healthy=False)]
    assert not offered(paths).own_voice


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
    assert answer["own_voice"] is False
