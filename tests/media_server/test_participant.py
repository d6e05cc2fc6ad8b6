"""One connected person."""

import asyncio

import pytest

from media_server.close_reason import CloseReason
from media_server.events import Event, Notice, ParticipantUpdated, SlotChanged, Speaking
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


# Losing the page, and its coming back.


def updates(told: list[Event]) -> list[tuple[str, bool]]:
    """Give who was said to have changed, and whether they are away."""
    return [
        (event.participant.participant_id, event.participant.away)
        for event in told
        if isinstance(event, ParticipantUpdated)
    ]


async def test_who_is_away_still_sounds(hall: Hall) -> None:
    """The page is not reached, the others know, and what its microphone sends goes on being heard."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    ann.participant.set_away()
    assert updates(bob.told) == [("ann", True)]
    sent = ann.talk(0.1)
    assert bob.heard("floor", ann) == sent


async def test_same_page_comes_back(hall: Hall) -> None:
    """It keeps the connection, the microphone's switch and the slots; one update says it all."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    ann.participant.set_muted(True)
    ann.participant.set_away()
    ann.participant.rejoin(
        name="Anne", speaking_language="en", listening_language="es", original="low", keep_connection=True
    )
    info = bob.events(ParticipantUpdated)[-1].participant
    assert (info.name, info.listening_language, info.muted, info.away) == ("Anne", "es", True, False)
    assert updates(bob.told) == [("ann", False), ("ann", True), ("ann", False)]
    assert ann.participant.listener.original == "low"
    assert ann.participant.connected
    assert ann.peer.closes == 0


async def test_another_page_cuts_off_the_connection(hall: Hall) -> None:
    """What the old tab still sends is not heard; the microphone is on; the next offer gets the same slots."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    bob.talk(0.1)
    (slot,) = [event for event in ann.events(SlotChanged) if event.speaker_id == "bob"]
    old, participant = ann.peer, ann.participant
    participant.set_muted(True)
    participant.rejoin(
        name="Ann", speaking_language="en", listening_language="en", original="off", keep_connection=False
    )
    await asyncio.sleep(0)
    assert old.closes == 1
    assert [participant.connected, participant.info.muted] == [False, False]
    assert slot in participant.catch_up()
    heard = len(bob.heard("floor", ann))
    old.on_packet(AudioPacket(1, 960, b"old", 30, True, hall.clock.now()))
    assert len(bob.heard("floor", ann)) == heard
    await hall.connect(ann)
    assert participant.connected
    sent = bob.talk(0.1)
    assert ann.outlet("floor", bob) is ann.peer.outlets[0]
    assert ann.heard("floor", bob) == sent
    assert ann.codes == []


async def test_offer_of_a_page_that_was_replaced_is_void(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was being answered when another page came: what it began is closed, and it gets no answer."""
    page = hall.enter("ann")
    await page.participant.add_candidate(None)
    peer = hall.peers.made[0]
    answer = peer.answer

    async def slow(offer: str) -> str:
        page.participant.rejoin(
            name="Ann", speaking_language="en", listening_language="en", original="off", keep_connection=False
        )
        return await answer(offer)

    monkeypatch.setattr(peer, "answer", slow)
    with pytest.raises(OfferError, match="another page"):
        await page.participant.answer("offer")
    assert not page.participant.connected


async def test_catching_up(hall: Hall) -> None:
    """Who talks now, what `auto` is taken for, who sits where: all of it, for a page that was not told."""
    ann, bob = await hall.join("ann", speaks="en"), await hall.join("bob")
    ann.talk(0.6)
    told = bob.participant.catch_up()
    assert Speaking(speaker_ids=("ann",)) in told
    assert SlotChanged(mid="1", kind="floor", speaker_id="ann") in told


async def test_lost_connection_is_not_up(hall: Hall) -> None:
    """Whoever asks is told, though the event was missed."""
    ann = hall.enter("ann")
    up = [ann.participant.connected]
    await hall.connect(ann)
    up.append(ann.participant.connected)
    ann.peer.lose()
    up.append(ann.participant.connected)
    assert up == [False, True, False]


async def test_two_connections_that_hang_are_closed_at_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one in use and the one being negotiated: leaving takes as long as one of them, not as both."""
    ann = await hall.join("ann")
    await ann.participant.add_candidate(None)
    with pytest.raises(OfferError):
        await ann.participant.answer("bad")
    closing: list[str] = []
    both = asyncio.Event()

    async def hang() -> None:
        closing.append("one")
        if len(closing) == 2:
            both.set()
        await both.wait()

    for peer in hall.peers.made:
        monkeypatch.setattr(peer, "close", hang)
    await asyncio.wait_for(ann.participant.leave(), 1)
    assert closing == ["one", "one"]
