"""How long a node that stops waits, and what it waits for."""

import asyncio

import pytest

from media_server.drain import VOICES_S, Drain
from tests.fakes.hall import Hall, Page
from tests.fakes.node import Node, running
from tests.fakes.speech import record


def test_who_talks_on_is_cut_short_in_time_for_their_voice() -> None:
    """The last seconds before the end belong to the voices."""
    drain = Drain(100.0, 10.0)
    assert not drain.cuts(105.9)
    assert drain.cuts(110.0 - VOICES_S)


def test_nothing_is_waited_for_beyond_the_limit() -> None:
    """Then the node stops, whoever talks."""
    drain = Drain(100.0, 10.0)
    assert not drain.over(109.9)
    assert drain.over(110.0)


@pytest.mark.parametrize(("limit_s", "cut_s"), [(3.0, 1.5), (0.0, 0.0)])
def test_a_short_time_is_shared(limit_s: float, cut_s: float) -> None:
    """Half of it to talk, half of it for the voices; without any the node stops at once."""
    drain = Drain(100.0, limit_s)
    assert [drain.cuts(100.0 + cut_s - 0.1), drain.cuts(100.0 + cut_s)] == [False, True]
    assert drain.over(100.0 + limit_s)


# A room.


def is_done(hall: Hall) -> bool:
    """Say whether the room is waited for no longer."""
    return not hall.room.busy


def answer(hall: Hall, speaker: Page) -> None:
    """Let the workers bring the only clause of somebody's last utterance, in all the languages that there are."""
    hall.transcribe(speaker, last=True)
    for language in ("es", "fr"):
        hall.speak(speaker, language=language, last=True)


async def test_what_is_being_said_is_heard_out_and_what_follows_as_it_is(hall: Hall) -> None:
    """Ben hears Ann's sentence in Spanish to its end; what she says then he hears from her, and knows why."""
    ann, ben = await hall.join("ann"), await hall.join("ben", hears="es")
    ann.begin()
    hall.room.drain()
    assert ann.codes == ben.codes == ["server_stopping"]
    during = ann.talk(0.5)
    ann.end()
    answer(hall, ann)
    assert not is_done(hall)
    hall.advance(1.0)
    assert len(ben.heard("voice", ann)) == 4
    assert ben.heard("floor", ann) == []
    assert is_done(hall)
    after = ann.talk(0.5)
    assert ben.heard("floor", ann) == after
    assert during
    assert ben.codes == ["server_stopping"]


async def test_a_voice_is_waited_for_until_browsers_have_played_it(hall: Hall) -> None:
    """Its slot is kept for 400 ms after the last packet; so long what browsers have buffered needs at most."""
    ann = await hall.join("ann")
    ben = await hall.join("ben", hears="es")
    ann.say()
    answer(hall, ann)
    hall.room.drain()
    hall.advance(0.1)
    assert len(ben.heard("voice", ann)) == 4
    hall.advance(0.2)
    assert not is_done(hall)
    hall.advance(0.3)
    assert is_done(hall)


async def test_a_voice_that_does_not_come_is_not_waited_for_beyond_its_deadline(hall: Hall) -> None:
    """Nothing was ever recognised of the utterance: after 5 s its voice could not be spoken any more."""
    ann = await hall.join("ann")
    await hall.join("ben", hears="es")
    ann.say()
    hall.room.drain()
    hall.advance(4.9)
    assert not is_done(hall)
    hall.advance(0.2)
    assert is_done(hall)


async def test_who_is_cut_short_is_heard_in_every_language(hall: Hall) -> None:
    """What they said until then is an utterance like any other."""
    ann, ben = await hall.join("ann"), await hall.join("ben", hears="es")
    ann.begin()
    hall.room.drain()
    hall.room.cut_short()
    assert hall.ingest.chunks[-1].last
    answer(hall, ann)
    hall.advance(0.2)
    assert len(ben.heard("voice", ann)) == 4


# A node.


async def begin(node: Node) -> None:
    """Let Ann be in the middle of a sentence that Ben hears in Spanish."""
    await node.workers()
    await node.join("ann")
    await node.join("ben", hears="es")
    node.speak(at=0)
    node.analysis.made[0].start(node.clock.epoch_ms())
    node.analysis.made[0].sound()
    node.speak(at=1)


async def draining(node: Node) -> asyncio.Task[None]:
    """Tell the node to stop."""
    task = asyncio.create_task(node.rooms.drain())
    await asyncio.sleep(0)
    return task


async def test_nobody_talks() -> None:
    """The node is done with its next look at the time."""
    async with running() as node:
        await node.join("ann")
        task = await draining(node)
        node.clock.advance(node.rooms.settings.tick_ms / 1_000)
        await asyncio.wait_for(task, 1)


async def test_somebody_talks() -> None:
    """The node waits for the end of the sentence and of its voice; who asks again waits with it."""
    async with running() as node:
        await begin(node)
        task = await draining(node)
        again = await draining(node)
        node.clock.advance(3.0)
        await asyncio.sleep(0)
        assert not task.done()
        utterance = node.rooms.open("hall").participants["ann"].speaker.utterance
        assert utterance is not None
        node.analysis.made[0].end()
        node.speak(at=2)
        await node.bus.publish(record(utterance, end=True, last=True, ended_at_ms=node.clock.epoch_ms()))
        ben = node.peers.made[1]
        await node.until(lambda: any(outlet.forwarded for outlet in ben.outlets))
        node.clock.advance(0.2)
        assert [len(outlet.payloads) for outlet in ben.outlets if outlet.forwarded] == [2]
        node.clock.advance(5.0)
        await asyncio.wait_for(asyncio.gather(task, again), 1)


async def test_somebody_talks_without_end() -> None:
    """After 6 s they are cut short, after 10 s the node stops waiting for what never comes."""
    async with running() as node:
        await begin(node)
        task = await draining(node)
        node.clock.advance(5.9)
        assert node.rooms.open("hall").participants["ann"].speaker.utterance is not None
        node.clock.advance(0.2)
        assert node.rooms.open("hall").participants["ann"].speaker.utterance is None
        await asyncio.sleep(0)
        assert not task.done()
        node.clock.advance(4.0)
        await asyncio.wait_for(task, 1)


async def test_rooms_that_close_are_not_drained() -> None:
    """Whoever waits is let go."""
    async with running() as node:
        await begin(node)
        task = await draining(node)
    await asyncio.wait_for(task, 1)
