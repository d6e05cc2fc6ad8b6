"""What a participant's loudspeaker plays."""

import numpy as np
import pytest

from media_server.analysis.alike import LONGEST_LAG
from media_server.analysis.spectrum import QUIETEST
from media_server.analysis.trace import frame_at
from media_server.earshot import Earshot
from tests.fakes.hall import Hall, Page

LOUD = (8_000 * np.sin(np.arange(320))).astype(np.int16)


def sounding(hall: Hall, page: Page) -> list[bool] | None:
    """Say in which of the last ten frames something was sent to somebody; None: nothing for long."""
    earshot = Earshot(hall.room._members, hall.room._voices)
    now = frame_at(hall.clock.now())
    found = earshot.of(page.id, now - 9, now)
    return None if found is None else [bool((row > QUIETEST).any()) for row in found]


def hear(hall: Hall, page: Page) -> None:
    """Let the analysis hear somebody now."""
    trace = page.participant.speaker.trace
    assert trace is not None
    trace.note(frame_at(hall.clock.now()), LOUD.tobytes())


async def test_a_floor_is_heard_by_those_to_whom_it_is_due() -> None:
    """Not by the speaker, nor by who hears a voice in its place."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob")
    luz = await hall.join("luz", speaks="es", hears="es")
    hall.advance(0.2)
    hear(hall, ann)
    assert sounding(hall, bob) == [False] * 9 + [True]
    assert sounding(hall, ann) is None
    assert sounding(hall, luz) is None


async def test_a_voice_is_heard_in_its_language() -> None:
    """Packet by packet, when it is played."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob")
    luz = await hall.join("luz", speaks="es", hears="es")
    ann.begin()
    ann.end()
    hall.speak(ann)
    hall.advance(0.06)
    before = frame_at(hall.clock.now())
    player = hall.room._voices.traces("luz", "es")[0]
    assert player.newest > before - 10
    assert sounding(hall, luz) is not None
    assert sounding(hall, bob) is None


async def test_what_was_sent_long_ago_is_not_heard_again() -> None:
    """No echo of it can still come."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob")
    hear(hall, ann)
    hall.advance(0.5)
    assert sounding(hall, bob) == [False] * 10
    hall.advance(2 * LONGEST_LAG * 0.02)
    assert sounding(hall, bob) is None


async def test_sounds_at_once_add_up() -> None:
    """Two equal ones are 3 dB louder than one."""
    hall = Hall()
    ann, eve = await hall.join("ann"), await hall.join("eve")
    bob = await hall.join("bob")
    earshot, now = Earshot(hall.room._members, hall.room._voices), frame_at(hall.clock.now())
    hear(hall, ann)
    one = earshot.of(bob.id, now, now)
    hear(hall, eve)
    both = earshot.of(bob.id, now, now)
    assert one is not None
    assert both is not None
    assert both.max() - one.max() == pytest.approx(3.01, abs=0.01)


async def test_who_is_not_there_hears_nothing() -> None:
    """Nor does it matter to anybody."""
    hall = Hall()
    assert Earshot(hall.room._members, hall.room._voices).of("nobody", 0, 1) is None
