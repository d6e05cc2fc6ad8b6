"""Where the originals of a room go."""

from media_server.events import Speaking
from media_server.settings import MediaSettings
from tests.fakes.hall import Hall


async def test_loudest_get_the_slots() -> None:
    """With more talkers than slots the loudest are heard, and who stops makes room."""
    hall = Hall(MediaSettings(floor_slots=2, voice_slots=6))
    pages = [await hall.join(name) for name in ("ann", "bob", "cai", "dee")]
    listener, talkers = pages[0], pages[1:]
    for _ in range(50):
        for level, talker in zip((20, 30, 40), talkers, strict=True):
            talker.send(level)
        hall.advance(0.02)
    assert [bool(listener.heard("floor", talker)) for talker in talkers] == [True, True, False]
    for _ in range(150):
        for talker in talkers[1:]:
            talker.send(30)
        hall.advance(0.02)
    assert listener.outlet("floor", talkers[0]) is None
    assert listener.heard("floor", talkers[2])
    await hall.room.close()


async def test_silent_speaker_gives_the_slot_back() -> None:
    """Two seconds after the last sound the slot rests; packets of silence are not forwarded any more."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob")
    ann.talk(0.2)
    outlet = bob.outlet("floor", ann)
    assert outlet is not None
    ann.talk(2.5, level=127)
    heard = len(bob.heard("floor", ann))
    assert outlet.resting
    ann.talk(0.5, level=127)
    assert len(bob.heard("floor", ann)) == heard
    sent = ann.talk(0.1)
    assert bob.heard("floor", ann)[heard:] == sent
    await hall.room.close()


async def test_leaver_is_sent_nothing_more() -> None:
    """A speaker's packets go to who is still there."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob")
    ann.talk(0.2)
    await bob.participant.leave()
    assert list(ann.participant.speaker.outlets) == []
    await hall.room.close()


async def test_talkers_are_told_loudest_first_and_seldom() -> None:
    """At most every 250 ms, and only when the set of talkers changes."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob")
    for _ in range(50):
        ann.send(35)
        bob.send(20)
        hall.advance(0.02)
    assert [event.speaker_ids for event in ann.events(Speaking)] == [("bob", "ann")]
    await hall.room.close()


async def test_two_talkers_each_in_their_slot(hall: Hall) -> None:
    """Two who talk at once are heard in two slots, each unbroken; everybody is told who talks."""
    ann, bob, cai = await hall.join("ann"), await hall.join("bob"), await hall.join("cai")
    for _ in range(25):
        ann.send()
        bob.send()
        hall.advance(0.02)
    first, second = cai.outlet("floor", ann), cai.outlet("floor", bob)
    assert first is not None
    assert second is not None
    assert first is not second
    assert len(first.payloads) == len(second.payloads) == 25
    assert set(cai.events(Speaking)[-1].speaker_ids) == {"ann", "bob"}
    hall.advance(1.0)
    assert cai.events(Speaking)[-1].speaker_ids == ()


async def test_page_is_told_before_the_first_packet(hall: Hall) -> None:
    """When the first packet comes the page knows whose floor the slot carries."""
    ann, cai = await hall.join("ann"), await hall.join("cai")
    ann.send()
    outlet = cai.outlet("floor", ann)
    assert outlet is not None
    assert len(outlet.forwarded) == 1
