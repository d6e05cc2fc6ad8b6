"""Who hears what, row by row."""

import itertools

import pytest

from media_server.events import Original
from media_server.paths import PathState
from media_server.routing import NO_TRANSLATION, TRANSLATION_PAUSED, Route, route

ORIGINALS: tuple[Original, ...] = ("off", "low", "on")
FLOOR = Route(floor=True, voice=False)


@pytest.mark.parametrize(("listening", "speaking"), [("en", "en"), ("en-GB", "en-US"), ("zh-Hans", "zh-Hant")])
@pytest.mark.parametrize("original", ORIGINALS)
@pytest.mark.parametrize("path", PathState)
@pytest.mark.parametrize("missing", [False, True])
def test_same_language_hears_the_floor(
    listening: str, speaking: str, original: Original, path: PathState, missing: bool
) -> None:
    """Whoever understands the speaker hears the original, whatever becomes of translation, and without a notice."""
    routed = route(listening=listening, speaking=speaking, path=path, original=original, voice_missing=missing)
    assert routed == FLOOR


@pytest.mark.parametrize(("original", "floor"), [("off", False), ("low", True), ("on", True)])
def test_healthy_path_gives_the_voice_and_the_chosen_floor(original: Original, floor: bool) -> None:
    """A translated speaker is heard as a voice; the original comes along unless it is off."""
    routed = route(listening="es", speaking="en", path=PathState.HEALTHY, original=original)
    assert routed == Route(floor=floor, voice=True)


@pytest.mark.parametrize("original", ORIGINALS)
def test_nobody_can_translate(original: Original) -> None:
    """Without an engine for the pair the original is heard, with a notice that says so."""
    routed = route(listening="cy", speaking="en", path=PathState.NONE, original=original)
    assert routed == Route(floor=True, voice=False, notice=NO_TRANSLATION)


@pytest.mark.parametrize("original", ORIGINALS)
def test_path_is_down(original: Original) -> None:
    """While the path is down the original is heard, with a notice that says so."""
    routed = route(listening="es", speaking="en", path=PathState.PAUSED, original=original)
    assert routed == Route(floor=True, voice=False, notice=TRANSLATION_PAUSED)


@pytest.mark.parametrize("original", ORIGINALS)
def test_voice_is_missing(original: Original) -> None:
    """When a clause got no voice in time the original is heard, with a notice that says so."""
    routed = route(listening="es", speaking="en", path=PathState.HEALTHY, original=original, voice_missing=True)
    assert routed == Route(floor=True, voice=False, notice=TRANSLATION_PAUSED)


def test_what_began_as_floor_is_heard_out() -> None:
    """Somebody who comes into an utterance hears it out as it is; nothing is wrong, so there is no notice."""
    routed = route(listening="es", speaking="en", path=PathState.HEALTHY, original="off", until_next=True)
    assert routed == FLOOR


@pytest.mark.parametrize("original", ORIGINALS)
def test_unknown_language_is_heard_as_it_is(original: Original) -> None:
    """A speaker of `auto` whose language is not known yet may be understood: the original is heard, with no notice."""
    routed = route(listening="en", speaking="auto", path=PathState.HEALTHY, original=original)
    assert routed == FLOOR


@pytest.mark.parametrize("original", ORIGINALS)
def test_node_stops(original: Original) -> None:
    """What is said while a node stops is heard as it is; everybody knows why, so there is no notice."""
    assert route(listening="es", speaking="en", path=PathState.ENDING, original=original) == FLOOR


def test_nobody_is_left_in_silence() -> None:
    """Every row of the table lets something be heard."""
    rows = itertools.product(["en", "es", "auto"], PathState, ORIGINALS, [False, True], [False, True])
    for speaking, path, original, missing, until_next in rows:
        routed = route(
            listening="es",
            speaking=speaking,
            path=path,
            original=original,
            voice_missing=missing,
            until_next=until_next,
        )
        assert routed.floor or routed.voice
