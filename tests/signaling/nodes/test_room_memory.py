"""What outlives a room's node: its state and its last captions."""

from collections.abc import Iterable, Mapping

import pytest

from pipeline.messages import Transcript
from signaling.captions.caption import Text
from signaling.hosting.room_states import RoomStates
from signaling.hosting.settings import HostingSettings
from signaling.nodes.errors import RedisDownError
from signaling.nodes.lease import Claim
from signaling.nodes.room_memory import RoomMemory
from signaling.nodes.settings import NodeSettings
from signaling.nodes.store import Change, Kept
from tests.pipeline.support import transcript

CLAIM = Claim("demo", "1 one http://one:1", 1)
SETTINGS = NodeSettings()


class Shelf:
    """Keeps what is given to it, as Redis does, as long as the room is its writer's."""

    def __init__(self) -> None:
        self.record: bytes | None = None
        self.captions: list[bytes] = []
        self.life_s = 0
        self.writes = 0
        self.is_down = False
        self.owner = CLAIM

    async def load(self, room_id: str) -> Kept:
        self._ask()
        return Kept(self.record, list(self.captions))

    async def save(self, claim: Claim, change: Change, *, most: int, life_s: int) -> bool:
        self._ask()
        if claim != self.owner:
            return False
        self.writes += 1
        self.life_s = life_s
        self.record = None if change.drop else change.record or self.record
        self.captions = ([] if change.clear else self.captions + list(change.captions))[-most:]
        return True

    def flush(self) -> None:
        self.record, self.captions = None, []

    def _ask(self) -> None:
        if self.is_down:
            raise RedisDownError(TimeoutError())


class Feed:
    """The captions of one room."""

    def __init__(self) -> None:
        self.texts: list[Text] = []

    def recent(self, room_id: str) -> list[Text]:
        return list(self.texts)

    def restore(self, room_id: str, texts: Iterable[Text]) -> None:
        self.texts = list(texts)


class Pages:
    """The pages of one room."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}

    def of(self, room_id: str) -> dict[str, str]:
        return dict(self.pages)

    def restore(self, room_id: str, pages: Mapping[str, str]) -> None:
        self.pages = dict(pages)


class Desk:
    """One node's memory and what it is the memory of."""

    def __init__(self, shelf: Shelf, most: int = 10) -> None:
        self.states = RoomStates(HostingSettings())
        self.feed = Feed()
        self.pages = Pages()
        self.memory = RoomMemory(shelf, self.states, self.feed, self.pages, SETTINGS, most=most)


def said(text: str, clause: int = 0) -> Transcript:
    return transcript(text, final=True, clause=clause)


async def test_the_next_owner_finds_what_the_last_one_left() -> None:
    """State and captions, in order; here they are forgotten."""
    shelf = Shelf()
    one, two = Desk(shelf), Desk(shelf)
    await one.memory.adopt(CLAIM)
    one.states.change("demo", locked=True, admitted=frozenset({"ann"}))
    one.feed.texts = [said("good morning"), said("and good night", 1)]
    one.pages.pages = {"ann": "page1"}
    await one.memory.let_go(CLAIM)
    assert not one.states.holds("demo")
    assert one.pages.pages == {}
    await two.memory.adopt(CLAIM)
    state = two.states.of("demo")
    assert (state.locked, state.admitted) == (True, frozenset({"ann"}))
    assert [text.payload for text in two.feed.texts] == ["good morning", "and good night"]
    assert two.pages.pages == {"ann": "page1"}


async def test_only_what_is_new_is_written() -> None:
    """Nothing, if nothing is; of captions those that came since."""
    shelf = Shelf()
    desk = Desk(shelf)
    await desk.memory.adopt(CLAIM)
    await desk.memory.save([CLAIM])
    first = shelf.writes
    desk.feed.texts = [said("one")]
    for _ in range(3):
        await desk.memory.save([CLAIM])
    assert (shelf.writes, len(shelf.captions)) == (first + 1, 1)
    desk.feed.texts.append(said("two", 1))
    await desk.memory.save([CLAIM])
    assert (shelf.writes, len(shelf.captions)) == (first + 2, 2)
    desk.states.change("demo", lobby=True)
    await desk.memory.save([CLAIM])
    assert (shelf.writes, len(shelf.captions)) == (first + 3, 2)


async def test_captions_that_were_taken_over_are_not_written_again() -> None:
    """They are there already."""
    shelf = Shelf()
    one, two = Desk(shelf), Desk(shelf)
    await one.memory.adopt(CLAIM)
    one.feed.texts = [said("one")]
    await one.memory.save([CLAIM])
    await two.memory.adopt(CLAIM)
    two.feed.texts.append(said("two", 1))
    await two.memory.save([CLAIM])
    assert len(shelf.captions) == 2


async def test_when_a_room_has_ended_so_have_its_captions() -> None:
    """Whoever comes next has nothing to do with what was said."""
    shelf = Shelf()
    desk = Desk(shelf)
    await desk.memory.adopt(CLAIM)
    desk.feed.texts = [said("one"), said("two", 1)]
    await desk.memory.save([CLAIM])
    desk.feed.texts = []
    await desk.memory.save([CLAIM])
    assert shelf.captions == []


async def test_what_redis_may_have_lost_is_written_anew() -> None:
    """All of it."""
    shelf = Shelf()
    desk = Desk(shelf)
    await desk.memory.adopt(CLAIM)
    desk.states.change("demo", locked=True)
    desk.feed.texts = [said("one")]
    await desk.memory.save([CLAIM])
    shelf.flush()
    desk.memory.doubt(["demo", "unknown"])
    await desk.memory.save([CLAIM])
    assert shelf.record is not None
    assert len(shelf.captions) == 1


async def test_what_was_not_written_is_written_later() -> None:
    """A room is not let go before."""
    shelf = Shelf()
    desk = Desk(shelf)
    await desk.memory.adopt(CLAIM)
    desk.states.change("demo", locked=True)
    shelf.is_down = True
    with pytest.raises(RedisDownError):
        await desk.memory.let_go(CLAIM)
    assert desk.states.of("demo").locked
    shelf.is_down = False
    await desk.memory.let_go(CLAIM)
    assert shelf.record is not None


async def test_a_forgotten_state_is_dropped() -> None:
    """As after a room was deleted."""
    shelf = Shelf()
    desk = Desk(shelf)
    await desk.memory.adopt(CLAIM)
    desk.states.change("demo", locked=True)
    await desk.memory.save([CLAIM])
    desk.states.forget("demo")
    await desk.memory.save([CLAIM])
    assert shelf.record is None


async def test_a_room_made_by_rest_is_kept_for_longer() -> None:
    """It outlives its people."""
    shelf = Shelf()
    desk = Desk(shelf)
    await desk.memory.adopt(CLAIM)
    desk.states.change("demo", locked=True)
    await desk.memory.save([CLAIM])
    assert shelf.life_s == SETTINGS.state_lifetime_s == 3_600
    desk.states.change("demo", persistent=True)
    await desk.memory.save([CLAIM])
    assert shelf.life_s == SETTINGS.kept_lifetime_s


async def test_a_room_that_was_set_up_here_before_is_as_it_was_set_up() -> None:
    """Whoever made it by REST has just said so."""
    shelf = Shelf()
    one, two = Desk(shelf), Desk(shelf)
    await one.memory.adopt(CLAIM)
    one.states.change("demo", locked=True)
    await one.memory.save([CLAIM])
    two.states.change("demo", lobby=True, persistent=True)
    await two.memory.adopt(CLAIM)
    assert (two.states.of("demo").locked, two.states.of("demo").lobby) == (False, True)
    await two.memory.save([CLAIM])
    three = Desk(shelf)
    await three.memory.adopt(CLAIM)
    assert three.states.of("demo").lobby


async def test_who_lost_the_room_writes_nothing() -> None:
    """What another node made of it stays."""
    shelf = Shelf()
    desk = Desk(shelf)
    await desk.memory.adopt(CLAIM)
    shelf.owner = replace_value(CLAIM)
    desk.states.change("demo", locked=True)
    await desk.memory.save([CLAIM])
    assert shelf.record is None
    desk.memory.forget("demo")
    assert not desk.states.holds("demo")


async def test_what_cannot_be_read_is_left_out() -> None:
    """It is of another version; the room is as if nobody had set anything."""
    shelf = Shelf()
    shelf.record, shelf.captions = b"\xff", [b"\xff", b""]
    desk = Desk(shelf)
    await desk.memory.adopt(CLAIM)
    assert not desk.states.holds("demo")
    assert desk.feed.texts == []


def replace_value(claim: Claim) -> Claim:
    return claim._replace(value="2 two http://two:2", generation=2)
