"""Who comes and what they do: decided beforehand."""

import itertools
from dataclasses import replace

from parley.load.plan import Pair, seats, turns
from tests.parley.load.people import PLAN, speech

SPEECHES = {"en": [speech(2.0, name="a"), speech(3.0, name="b")], "es": [speech(1.0, name="c")]}


def test_everybody_has_a_seat() -> None:
    """Talkers first, then listeners; each takes the next pair of languages."""
    people = seats(PLAN)
    assert [seat.number for seat in people] == list(range(6))
    assert [seat.room for seat in people] == ["load-0"] * 3 + ["load-1"] * 3
    assert [seat.talks for seat in people] == [True, True, False] * 2
    assert [(seat.speaking, seat.listening) for seat in people[:3]] == [("en", "es"), ("es", "en"), ("en", "es")]


def test_sound_travels_as_wanted() -> None:
    """Over WebRTC, by the audio socket, or half and half."""
    kinds = {
        kind: [seat.kind for seat in seats(replace(PLAN, kind=kind, rooms=1))] for kind in ("webrtc", "audio", "mixed")
    }
    assert kinds == {
        "webrtc": ["webrtc"] * 3,
        "audio": ["audio"] * 3,
        "mixed": ["webrtc", "audio", "webrtc"],
    }


def test_one_talks_at_a_time_in_a_room() -> None:
    """A turn begins when the one before has ended and the pause is over."""
    people = seats(PLAN)
    for room in ("load-0", "load-1"):
        mine = [turn for turn in turns(PLAN, people, SPEECHES) if turn.seat.room == room]
        assert len(mine) > 5
        for earlier, later in itertools.pairwise(mine):
            ends = earlier.begins_s + earlier.speech.duration_s
            assert abs(later.begins_s - ends - PLAN.pause_s) < 1e-9


def test_people_take_turns_and_say_different_things() -> None:
    """Everybody who talks does, in their own language, one thing after the other."""
    people = seats(replace(PLAN, rooms=1))
    said = [(turn.seat.number, turn.speech.name) for turn in turns(PLAN, people, SPEECHES)]
    assert said[:4] == [(0, "a"), (1, "c"), (0, "b"), (1, "c")]


def test_no_turn_begins_after_the_end() -> None:
    """Nor does anybody who only listens say anything."""
    people = seats(PLAN)
    found = turns(replace(PLAN, seconds=7.0), people, SPEECHES)
    assert all(turn.begins_s < 7.0 and turn.seat.talks for turn in found)
    assert not turns(PLAN, [seat for seat in people if not seat.talks], SPEECHES)


def test_rooms_do_not_all_begin_at_once() -> None:
    """Else all would work at the same time, and then none."""
    plan = replace(PLAN, rooms=4, pairs=(Pair("en", "es"),))
    begins = [
        next(t.begins_s for t in turns(plan, seats(plan), SPEECHES) if t.seat.room == f"load-{n}") for n in range(4)
    ]
    assert begins == [0.0, 1.0, 2.0, 3.0]
