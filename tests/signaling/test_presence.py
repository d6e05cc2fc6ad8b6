"""A participant's place in the room, from socket to socket."""

from contextlib import AsyncExitStack

from media_server.events import Notice, SlotChanged
from signaling.protocol import Close
from tests.fakes.said import transcript
from tests.signaling.conftest import ROOM, Client, House, OpenHouse
from tests.signaling.test_session import gone
from tests.support.until import until


async def away(house: House, participant_id: str) -> None:
    """Wait until the door has noticed that somebody's socket is broken."""
    await until(lambda: house.participant(participant_id).info.away)


async def test_who_vanishes_keeps_the_place_for_a_while(open_house: OpenHouse) -> None:
    """The others see them as away, and when nobody comes back in time, as gone."""
    house = await open_house(grace_s=0.2)
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join()
        await bea.join()
        bea.vanish()
        assert (await ada.next("participant_updated"))["participant"]["away"]
        assert house.participant("bea")
        left = await ada.next("participant_left")
        assert (left["participant_id"], left["reason"]) == ("bea", "gone")
    await gone(house)
    assert house.door.presences == {}


async def test_without_a_grace_time_who_vanishes_is_gone(open_house: OpenHouse) -> None:
    """As the setting says."""
    house = await open_house(grace_s=0)
    async with house.client("ada") as ada:
        await ada.join()
        ada.vanish()
        await gone(house)


async def test_the_same_page_comes_back_as_who_it_was(house: House) -> None:
    """By the resume token: nobody leaves or joins, and the connection for sound is kept."""
    async with AsyncExitStack() as stack:
        ada, bea = [await stack.enter_async_context(house.client(name)) for name in ("ada", "bea")]
        await ada.join()
        joined = await bea.join("Bea", "en", "es")
        me = house.participant("bea")
        bea.vanish()
        await ada.next("participant_updated")
        url, token = f"/ws/signaling/{ROOM}", joined["resume_token"]
        again = Client(await stack.enter_async_context(house.http.ws_connect(url, params={"token": token})))
        back = await again.join("Bea", "en", "fr", resume=joined["page_id"])
        assert back["participant_id"] == "bea"
        assert back["page_id"] == joined["page_id"]
        assert house.participant("bea") is me
        assert me.returns == [True]
        updated = (await ada.next("participant_updated"))["participant"]
        assert (updated["away"], updated["listening_language"]) == (False, "fr")
        assert {"participant_left", "participant_joined"} & {each["type"] for each in ada.told[3:]} == set()


async def test_a_page_that_comes_back_is_told_what_holds(house: House) -> None:
    """`joined` first, with everybody who is here now; then what the room has to say; then captions."""
    async with house.client("ada") as ada:
        joined = await ada.join("Ada", "en", "en")
        me = house.participant("ada")
        ada.vanish()
        await away(house, "ada")
        me.events(Notice(code="missed", text="x"))
        house.door.feed.take(transcript("said meanwhile"))
        me.present = [SlotChanged(mid="1", kind="floor", speaker_id="bea")]
        async with house.client("bea") as bea, house.client("ada") as again:
            await bea.join()
            await again.send(
                "join", name="Ada", speaking_language="en", listening_language="en", resume=joined["page_id"]
            )
            told = [await again.next() for _ in range(3)]
            assert [each["type"] for each in told] == ["joined", "slot", "caption"]
            here = {each["participant_id"]: each["away"] for each in told[0]["participants"]}
            assert here == {"ada": False, "bea": False}
            assert told[2]["text"] == "said meanwhile"


async def test_captions_are_remembered_while_the_only_reader_is_away(house: House) -> None:
    """Those from before too, so that a page may put them in order; no later one comes twice."""
    async with house.client("ada") as ada:
        joined = await ada.join("Ada", "en", "en")
        house.door.feed.take(transcript("one"))
        await ada.next("caption")
        ada.vanish()
        await away(house, "ada")
        house.door.feed.take(transcript("two", clause=1))
    async with house.client("ada") as again:
        await again.join("Ada", "en", "en", resume=joined["page_id"])
        house.door.feed.take(transcript("three", clause=2))
        assert [(await again.next("caption"))["text"] for _ in range(3)] == ["one", "two", "three"]


async def test_captions_may_be_declined_on_coming_back(house: House) -> None:
    """Each `join` says it anew."""
    async with house.client("ada") as ada, house.client("ada") as again:
        await ada.join("Ada", "en", "en")
        await again.join("Ada", "en", "en", captions=False)
        house.door.feed.take(transcript("one"))
        await again.send("ping")
        assert (await again.next())["type"] == "pong"


async def test_another_page_takes_the_place(house: House) -> None:
    """A new tab: the earlier socket is closed with 4409, and its connection is not kept. It is one participant."""
    async with house.client("ada") as old, house.client("ada") as new:
        first = await old.join()
        me = house.participant("ada")
        second = await new.join()
        assert await old.closed() == Close.REPLACED
        assert house.participant("ada") is me
        assert me.returns == [False]
        assert second["page_id"] != first["page_id"]
        assert [each["participant_id"] for each in second["participants"]] == ["ada"]
        await new.send("mute", muted=True)
        await new.next("participant_updated")
        assert me.info.muted


async def test_a_page_that_was_replaced_does_not_come_back(house: House) -> None:
    """It was away when another one took its place: 4409, and the other one stays."""
    async with house.client("ada") as old:
        first = await old.join()
        old.vanish()
        await away(house, "ada")
        async with house.client("ada") as new, house.client("ada") as late:
            await new.join()
            await late.send(
                "join", name="Ada", speaking_language="en", listening_language="en", resume=first["page_id"]
            )
            assert await late.closed() == Close.REPLACED
            await new.send("ping")
            assert (await new.next())["type"] == "pong"


async def test_who_comes_too_late_joins_anew(open_house: OpenHouse) -> None:
    """The grace time is over: it is another participant object under the same id."""
    house = await open_house(grace_s=0.05)
    async with house.client("ada") as ada:
        joined = await ada.join()
        ada.vanish()
        await gone(house)
    async with house.client("ada") as again:
        back = await again.join(resume=joined["page_id"])
        assert back["page_id"] != joined["page_id"]
        assert house.participant("ada").returns == []


async def test_leaving_while_away_is_not_waited_for(house: House) -> None:
    """A server that stops lets go of who is away as well."""
    async with house.client("ada") as ada:
        await ada.join()
        ada.vanish()
        await away(house, "ada")
        await house.http.server.close()
    await gone(house)


async def test_who_may_not_hear_does_not_read_either(house: House) -> None:
    """They are in the room, and no captions are made for them."""
    async with house.client("ada", subscribe=False) as ada:
        await ada.join()
        assert not house.participant("ada").rights.subscribes
        assert not house.door.feed.is_read(ROOM)


async def test_a_newer_token_gives_newer_rights(house: House) -> None:
    """Who comes back as a listener is one from then on, and the others see it."""
    async with house.client("bea") as bea, house.client("ada") as ada:
        await bea.join()
        await ada.join()
        assert house.participant("ada").rights.publishes
        async with house.client("ada", publish=False, role="listener") as listener:
            await listener.join()
            assert (await bea.next("participant_updated"))["participant"]["role"] == "listener"
            assert not house.participant("ada").rights.publishes
            await listener.send("mute", muted=False)
            assert await listener.error() == ("not_allowed", "mute")


async def test_nobody_is_shown_who_is_hidden(house: House) -> None:
    """But to themselves, who see everybody."""
    async with house.client("ada") as ada, house.client("spy", hidden=True) as spy, house.client("bea") as bea:
        await ada.join()
        assert [each["participant_id"] for each in (await spy.join())["participants"]] == ["ada", "spy"]
        assert [each["participant_id"] for each in (await bea.join())["participants"]] == ["ada", "bea"]
        assert (await ada.next("participant_joined"))["participant"]["participant_id"] == "bea"
