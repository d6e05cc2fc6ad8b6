"""Who hears what: the table of the README as one function."""

from typing import NamedTuple

from media_server.events import Original
from media_server.paths import PathState
from pipeline.messages.language import AUTO, hears

NO_TRANSLATION = "no_translation"
TRANSLATION_PAUSED = "translation_paused"


class Route(NamedTuple):
    """What one listener gets of one speaker."""

    floor: bool
    voice: bool
    # Code of the notice that is due, if the listener does not get what they asked for.
    notice: str | None = None


def route(
    *,
    listening: str,
    speaking: str,
    path: PathState,
    original: Original,
    voice_missing: bool = False,
    until_next: bool = False,
) -> Route:
    """Decide what a listener hears of a speaker now. Nobody is ever left in silence.

    `speaking` may be `auto`: not known yet, so whoever understands it must not be left without the original.
    `voice_missing`: a committed clause got no voice in time. `until_next`: the utterance began when this listener could
    not follow it as a voice, so they hear it out as it is.
    """
    if speaking != AUTO and hears(listening, speaking):
        return Route(floor=True, voice=False)
    if path is PathState.NONE:
        return Route(floor=True, voice=False, notice=NO_TRANSLATION)
    if path is PathState.PAUSED or voice_missing:
        return Route(floor=True, voice=False, notice=TRANSLATION_PAUSED)
    if path is PathState.ENDING or until_next or speaking == AUTO:
        return Route(floor=True, voice=False)
    return Route(floor=original != "off", voice=True)
