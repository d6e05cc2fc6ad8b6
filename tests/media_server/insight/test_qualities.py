"""Who is told how good whose connection is."""

from typing import cast

from media_server.events import Event, QualityChanged
from media_server.insight.qualities import TURNS, Qualities
from media_server.participant import Participant
from media_server.peer import LinkFigures
from media_server.rights import Rights
from tests.fakes.clock import FakeClock
from tests.fakes.hall import Hall, Page

GOOD = LinkFigures(rtt_s=0.04, up_lost=0.0, down_lost=0.0)
POOR = LinkFigures(rtt_s=0.04, up_lost=0.2, down_lost=0.0)
LISTENER = Rights(publishes=False)
HOST = Rights(role="host")


def told(page: Page) -> list[dict[str, str]]:
    return [dict(event.qualities) for event in page.events(QualityChanged)]


async def test_a_room_is_told_when_a_word_changes() -> None:
    """At first of all; then only of what is another one."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob")
    ann.peer.figures = bob.peer.figures = GOOD
    hall.advance(4.5)
    assert told(ann) == told(bob)
    known = {who: word for each in told(ann) for who, word in each.items()}
    assert known == {"ann": "good", "bob": "good"}
    before = len(told(ann))
    hall.advance(6.0)
    assert len(told(ann)) == before
    bob.peer.figures = POOR
    hall.advance(6.5)
    assert {who for each in told(ann)[before:] for who in each} == {"bob"}
    assert told(ann)[-1] == {"bob": "poor"}


async def test_of_who_only_listens_hosts_and_themselves_are_told() -> None:
    """A large audience is nothing to the others; the hidden are nobody's affair."""
    hall = Hall()
    host = await hall.join("host", rights=HOST)
    ann = await hall.join("ann")
    lis = await hall.join("lis", rights=LISTENER)
    spy = await hall.join("spy", rights=Rights(publishes=False, hidden=True))
    for page in (host, ann, lis, spy):
        page.peer.figures = GOOD
    hall.advance(4.5)
    seen = {page.id: {who for each in told(page) for who in each} for page in (host, ann, lis, spy)}
    assert seen == {
        "host": {"host", "ann", "lis"},
        "ann": {"host", "ann"},
        "lis": {"host", "ann", "lis"},
        "spy": {"host", "ann", "spy"},
    }


async def test_who_comes_is_told_what_is_known() -> None:
    """Before anything changes; who left is not in it."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob")
    ann.peer.figures = bob.peer.figures = GOOD
    hall.advance(4.5)
    await bob.participant.leave()
    cat = hall.enter("cat")
    hall.clock.advance(0)
    assert told(cat) == [{"ann": "good"}]


class Somebody:
    """As much of a participant as is looked at."""

    def __init__(self, participant_id: str) -> None:
        self.participant_id = participant_id
        self.rights = LISTENER
        self.looks = 0
        self.told: list[Event] = []

    @property
    def figures(self) -> LinkFigures:
        self.looks += 1
        return GOOD

    def tell(self, event: Event) -> None:
        self.told.append(event)


def test_looks_at_many_are_spread() -> None:
    """Each of a thousand is looked at once in 2 s, a fortieth of them with each tick; each is told of themselves."""
    clock = FakeClock()
    people = {name: Somebody(name) for name in (f"l{number}" for number in range(1_000))}
    qualities = Qualities(cast("dict[str, Participant]", people), clock)
    most = 0
    for _ in range(TURNS):
        before = sum(somebody.looks for somebody in people.values())
        qualities.tick()
        most = max(most, sum(somebody.looks for somebody in people.values()) - before)
        clock.advance(0.05)
    assert most == 1_000 // TURNS
    assert {somebody.looks for somebody in people.values()} == {1}
    clock.advance(2.0)
    qualities.tick()
    assert {len(somebody.told) for somebody in people.values()} == {1}
    assert people["l7"].told == [QualityChanged(qualities={"l7": "good"})]
