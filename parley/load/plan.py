"""Who comes, and what they do: decided before anybody does anything. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from parley.load.speech import Speech

Kind = Literal["webrtc", "audio", "mixed"]


class Pair(NamedTuple):
    """What one client speaks and listens to; BCP-47."""

    speaking: str
    listening: str


@dataclass(frozen=True)
class LoadPlan:
    """One run."""

    # Of the server, `http://127.0.0.1:8080`.
    url: str
    rooms: int = 1
    # In each room: who talk in turn and hear the others; who only hear.
    clients: int = 2
    listeners: int = 0
    # Given to the people of a room in turn.
    pairs: tuple[Pair, ...] = (Pair("en", "es"),)
    # By which way sound travels; `mixed`: in turn.
    kind: Kind = "audio"
    # For how long turns begin.
    seconds: float = 30.0
    # Between two turns in a room: voices and captions of what was said come meanwhile.
    pause_s: float = 2.0
    # After the last turn, the longest wait for what is still due.
    settle_s: float = 10.0
    # Of a room's id; its number follows.
    prefix: str = "load"
    # So many join at once.
    joins_at_once: int = 8


class Seat(NamedTuple):
    """One client's place."""

    room: str
    # Of all seats of the run.
    number: int
    speaking: str
    listening: str
    kind: Literal["webrtc", "audio"]
    talks: bool


class Turn(NamedTuple):
    """One thing to say."""

    number: int
    seat: Seat
    speech: Speech
    # Seconds from the beginning of the run.
    begins_s: float


def seats(plan: LoadPlan) -> list[Seat]:
    """Give everybody of all rooms. Talkers come first; each takes the next pair, and so do listeners."""
    found: list[Seat] = []
    for room in range(plan.rooms):
        for place in range(plan.clients + plan.listeners):
            talks = place < plan.clients
            pair = plan.pairs[(place if talks else place - plan.clients) % len(plan.pairs)]
            number = len(found)
            kind: Literal["webrtc", "audio"] = "webrtc" if plan.kind == "webrtc" else "audio"
            if plan.kind == "mixed":
                kind = "webrtc" if place % 2 == 0 else "audio"
            found.append(Seat(f"{plan.prefix}-{room}", number, pair.speaking, pair.listening, kind, talks))
    return found


def turns(plan: LoadPlan, people: Sequence[Seat], speeches: dict[str, list[Speech]]) -> list[Turn]:
    """Give all turns in the order in which they begin. In a room one talks at a time; rooms begin one after the other.

    Args:
        plan: the run.
        people: its seats.
        speeches: what there is to say, by speaking language; everybody begins at another one.
    """
    rooms = list(dict.fromkeys(seat.room for seat in people))
    found: list[tuple[float, Seat, Speech]] = []
    for index, room in enumerate(rooms):
        talkers = [seat for seat in people if seat.room == room and seat.talks]
        # Rooms that all began at once would make all work at once, and then none.
        begins = index / len(rooms) * _round_s(plan, talkers, speeches)
        found += _of_room(plan, talkers, speeches, begins)
    found.sort(key=lambda turn: turn[0])
    return [Turn(number, seat, speech, begins) for number, (begins, seat, speech) in enumerate(found)]


def _round_s(plan: LoadPlan, talkers: Sequence[Seat], speeches: dict[str, list[Speech]]) -> float:
    """Give how long a turn lasts in a room, pause included; no longer than half of the run."""
    if not talkers:
        return 0.0
    return min(plan.seconds / 2, speeches[talkers[0].speaking][0].duration_s + plan.pause_s)


def _of_room(
    plan: LoadPlan, talkers: Sequence[Seat], speeches: dict[str, list[Speech]], begins: float
) -> Iterator[tuple[float, Seat, Speech]]:
    number = 0
    while talkers and begins < plan.seconds:
        seat = talkers[number % len(talkers)]
        choice = speeches[seat.speaking]
        speech = choice[(seat.number + number // len(talkers)) % len(choice)]
        yield begins, seat, speech
        begins += speech.duration_s + plan.pause_s
        number += 1
