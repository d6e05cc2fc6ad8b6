"""How long others still listen to somebody."""

from media_server.events import StillListening
from media_server.rights import Rights
from tests.fakes.hall import Hall, Page


def told(page: Page) -> list[tuple[int, int]]:
    return [(event.remaining_ms, event.listeners) for event in page.events(StillListening)]


async def test_a_speaker_is_told_until_all_are_through() -> None:
    """The sound that waits and the way to the ear, every half second; then that nothing is left."""
    hall = Hall()
    ann, bob, cat = await hall.join("ann"), await hall.join("bob", hears="es"), await hall.join("cat", hears="es")
    ann.say()
    hall.speak(ann, packets=50, records=2, last=True)
    hall.advance(3.0)
    counts = told(ann)
    assert counts[-1] == (0, 0)
    assert {listeners for _, listeners in counts[:-1]} == {2}
    lengths = [remaining_ms for remaining_ms, _ in counts]
    assert 1_950 <= lengths[0] <= 2_150, "100 packets of 20 ms, and the usual way"
    assert lengths == sorted(lengths, reverse=True)
    assert 4 <= len(lengths) <= 6
    assert told(bob) == told(cat) == []


async def test_what_is_not_made_yet_counts_by_its_text() -> None:
    """A clause that was recognised and has no voice yet will have one."""
    hall = Hall()
    ann = await hall.join("ann")
    await hall.join("bob", hears="es")
    ann.say()
    hall.transcribe(ann, text="x" * 40)
    hall.advance(0.1)
    ((remaining_ms, listeners),) = told(ann)
    assert remaining_ms == 40 * 65 + 150
    assert listeners == 1


async def test_the_turn_of_others_counts() -> None:
    """Who speaks behind somebody else waits for both."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob")
    await hall.join("cat", hears="es")
    ann.say()
    hall.speak(ann, packets=25, last=True)
    bob.say()
    hall.speak(bob, packets=25, last=True)
    hall.advance(0.1)
    assert told(bob)[0][0] >= told(ann)[0][0] + 900


async def test_nobody_is_told_of_the_hidden_or_of_nobody() -> None:
    """A hidden listener is nobody; so is one who may not listen."""
    hall = Hall()
    ann = await hall.join("ann")
    await hall.join("bob", hears="es", rights=Rights(hidden=True, publishes=False))
    ann.say()
    hall.speak(ann, packets=25, last=True)
    hall.advance(2.0)
    assert told(ann) == []


async def test_one_who_left_is_told_nothing() -> None:
    """Their voice plays on."""
    hall = Hall()
    ann = await hall.join("ann")
    await hall.join("bob", hears="es")
    ann.say()
    hall.speak(ann, packets=50, last=True)
    hall.advance(0.1)
    await ann.participant.leave()
    before = len(told(ann))
    hall.advance(3.0)
    assert len(told(ann)) == before
