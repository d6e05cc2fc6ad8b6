"""One connected person."""

import asyncio

import pytest

from media_server.close_reason import CloseReason
from media_server.events import Notice
from media_server.packet import AudioPacket
from media_server.peer import IceCandidate, OfferError
from tests.fakes.hall import Hall


async def test_slots_are_known_after_the_answer(hall: Hall) -> None:
    """Four floors, four voices, in m-line order; none before."""
    page = hall.enter("ann")
    assert page.participant.slots == []
    assert await page.participant.answer("offer") == "answer to offer"
    assert page.participant.slots[0] == ("1", "floor")
    assert [kind for _, kind in page.participant.slots] == ["floor"] * 4 + ["voice"] * 4


async def test_bad_offer_can_be_followed_by_a_good_one(hall: Hall) -> None:
    """An offer that cannot be used says so and changes nothing, candidates that came before it included."""
    page = hall.enter("ann")
    candidate = IceCandidate(candidate="candidate:1")
    await page.participant.add_candidate(candidate)
    with pytest.raises(OfferError, match="bad"):
        await page.participant.answer("bad")
    await page.participant.answer("offer")
    assert hall.peers.made[-1].candidates == [candidate]


async def test_bad_later_offer_leaves_the_connection_alone(hall: Hall) -> None:
    """The connection in use goes on; what was begun for the offer is closed with the participant."""
    page = await hall.join("ann")
    with pytest.raises(OfferError):
        await page.participant.answer("bad")
    assert page.peer.closes == 0
    await page.participant.leave()
    assert [peer.closes for peer in hall.peers.made] == [1, 1]


async def test_cancelled_answer_closes_what_it_began(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the door gives up waiting, the connection begun for it is closed, and another offer gets a new one."""
    page = hall.enter("ann")
    answering = asyncio.Event()

    async def forever(offer: str) -> str:
        answering.set()
        await asyncio.Event().wait()
        return offer

    await page.participant.add_candidate(None)
    monkeypatch.setattr(hall.peers.made[0], "answer", forever)
    task = asyncio.create_task(page.participant.answer("offer"))
    await answering.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert hall.peers.made[0].closes == 1
    await page.participant.answer("offer")
    assert len(page.participant.slots) == 8


async def test_leaving_while_answering(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who leaves meanwhile gets no answer, and the connection is closed."""
    page = hall.enter("ann")
    await page.participant.add_candidate(None)
    peer = hall.peers.made[0]
    answer = peer.answer

    async def slow(offer: str) -> str:
        await page.participant.leave()
        return await answer(offer)

    monkeypatch.setattr(peer, "answer", slow)
    with pytest.raises(OfferError):
        await page.participant.answer("offer")
    assert peer.closes == 1
    with pytest.raises(OfferError):
        await page.participant.answer("offer")


async def test_candidates_go_to_the_connection_in_use(hall: Hall) -> None:
    """After the answer they belong to it; a bad one says so."""
    page = await hall.join("ann")
    await page.participant.add_candidate(None)
    assert page.peer.candidates == [None]
    with pytest.raises(OfferError):
        await page.participant.add_candidate(IceCandidate(candidate="bad"))


async def test_lost_connection_is_told(hall: Hall) -> None:
    """The participant stays in the room and is told to reconnect."""
    page = await hall.join("ann")
    page.peer.lose()
    assert page.codes == ["media_lost"]
    assert "ann" in hall.room.participants


async def test_leaving_twice_is_harmless(hall: Hall) -> None:
    """The first reason holds, the connection is closed once, and its end is no news."""
    page = await hall.join("ann")
    await page.participant.leave(CloseReason.GONE)
    await page.participant.leave()
    assert page.participant.close_reason is CloseReason.GONE
    assert page.peer.closes == 1
    assert page.events(Notice) == []


async def test_unknown_reason_is_refused(hall: Hall) -> None:
    """A reason that is not on the list is a mistake of the caller, who hears of it; nothing has happened."""
    page = await hall.join("ann")
    with pytest.raises(ValueError, match="bored"):
        await page.participant.leave("bored")
    assert not page.participant.gone


async def test_nothing_changes_after_leaving(hall: Hall) -> None:
    """Late calls of a door that has not noticed yet do nothing."""
    page, bob = await hall.join("ann"), await hall.join("bob")
    await page.participant.leave()
    told = len(bob.told)
    page.participant.set_muted(True)
    page.participant.set_languages(listening="es")
    page.participant.set_original("on")
    await page.participant.add_candidate(None)
    assert len(bob.told) == told


async def test_change_that_changes_nothing_is_no_news(hall: Hall) -> None:
    """Only what differs is told."""
    page, bob = await hall.join("ann"), await hall.join("bob")
    told = len(bob.told)
    page.participant.set_languages(speaking="en", listening="en")
    page.participant.set_muted(False)
    assert len(bob.told) == told


async def test_new_connection_is_another_source(hall: Hall) -> None:
    """What the new microphone sends has its own numbering; what the old one still brings is not heard."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    packet = ann.send()
    earlier = ann.peer
    await hall.connect(ann)
    ann.talk(0.1)
    earlier.on_packet(packet._replace(payload=b"old"))
    outlet = bob.outlet("floor", ann)
    assert outlet is not None
    assert b"old" not in outlet.payloads
    assert len({source for source, _ in outlet.forwarded}) == 2


async def test_answer_does_not_wait_for_the_earlier_connection(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the earlier connection takes to close, it is cut off at once and the new offer is answered."""
    page, bob = await hall.join("ann"), await hall.join("bob")
    closed = asyncio.Event()
    earlier = page.peer
    monkeypatch.setattr(earlier, "close", closed.wait)
    async with asyncio.timeout(1):
        assert await page.participant.answer("again") == "answer to again"
    hall.clock.advance(0)
    earlier.hear(AudioPacket(1, 960, b"old", 30, True, hall.clock.now()))
    assert bob.heard("floor", page) == []
    closed.set()
