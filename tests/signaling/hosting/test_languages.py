"""Which languages somebody has who does not say so."""

import pytest

from pipeline.messages.language import UnknownLanguageError
from signaling.hosting.languages import Languages, asked_for, choose
from signaling.hosting.room_state import RoomState
from signaling.identity.grant import Grant, Identity, LanguageNotAllowedError

BEFORE = Languages("it", "pt")
PLAIN = RoomState(room_id="demo")
GERMAN = RoomState(room_id="demo", speaking_language="de", listening_language="fr")


def grant(*languages: str) -> Grant:
    """Give a grant for these languages; without any, for all."""
    return Grant(identity=Identity("ada", "demo"), languages=frozenset(languages) or None)


@pytest.mark.parametrize(
    ("said", "before", "room", "browser", "expected"),
    [
        # What they say wins, each for itself, and is normalised.
        (("EN-us", "es"), BEFORE, GERMAN, ["ja"], ("en-US", "es")),
        (("auto", None), None, PLAIN, ["ja"], ("auto", "ja")),
        (("en", None), None, GERMAN, ["ja"], ("en", "fr")),
        ((None, "es"), None, GERMAN, ["ja"], ("de", "es")),
        # Then what they had, then the room's, then `auto` and the browser's, and English if nobody knows.
        ((None, None), BEFORE, GERMAN, ["ja"], ("it", "pt")),
        ((None, None), None, GERMAN, ["ja"], ("de", "fr")),
        ((None, None), None, PLAIN, ["ja", "ko"], ("auto", "ja")),
        ((None, None), None, PLAIN, [], ("auto", "en")),
    ],
)
def test_what_holds(
    said: tuple[str | None, str | None],
    before: Languages | None,
    room: RoomState,
    browser: list[str],
    expected: tuple[str, str],
) -> None:
    """Speaking and listening are two questions."""
    assert choose(said, before=before, room=room, browser=browser, grant=grant()) == expected


def test_what_their_token_says_comes_before_the_room() -> None:
    """And behind what they say, or said before; each language for itself."""
    mine = Grant(identity=Identity("ada", "demo"), speaking_language="sv", listening_language="nl")
    assert choose((None, None), room=GERMAN, browser=["ja"], grant=mine) == ("sv", "nl")
    assert choose((None, "es"), room=GERMAN, grant=mine) == ("sv", "es")
    assert choose((None, None), before=BEFORE, room=GERMAN, grant=mine) == ("it", "pt")
    half = Grant(identity=Identity("ada", "demo"), listening_language="nl")
    assert choose((None, None), room=GERMAN, grant=half) == ("de", "nl")


def test_defaults_that_are_not_open_to_them_are_passed_over() -> None:
    """Who may only have Spanish and Catalan has these, and is not put into what they did not ask for."""
    mine = grant("es", "ca")
    assert choose((None, None), room=GERMAN, browser=["es-MX"], grant=mine) == ("ca", "es-MX")
    assert choose((None, None), room=GERMAN, browser=["en"], grant=mine) == ("ca", "ca")


def test_what_they_say_and_may_not_is_refused() -> None:
    """With words, not silently changed; `auto` could become anything."""
    for said in (("en", None), (None, "en"), ("auto", None)):
        with pytest.raises(LanguageNotAllowedError):
            choose(said, room=PLAIN, grant=grant("es"))
    with pytest.raises(UnknownLanguageError):
        choose(("klingonese", None), room=PLAIN, grant=grant())
    nothing = Grant(identity=Identity("ada", "demo"), languages=frozenset())
    with pytest.raises(LanguageNotAllowedError):
        choose((None, None), room=PLAIN, grant=nothing)


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", []),
        ("es-MX,es;q=0.9,en;q=0.8", ["es-MX", "es", "en"]),
        ("en;q=0.5, fr", ["fr", "en"]),
        ("*", []),
        ("de;q=0, en", ["en"]),
        ("klingonese, ;;;, en;q=x, it;q=0.1", ["it"]),
        ("es," * 5_000, ["es"] * 85),
    ],
)
def test_what_browsers_ask_for(header: str, tags: list[str]) -> None:
    """The most wanted first; nonsense is passed over, and nobody makes us read for long."""
    assert asked_for(header) == tags
