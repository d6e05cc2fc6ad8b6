"""What a page says that goes to its participant as it is."""

from signaling.hosting.settings import HostingSettings
from tests.signaling.conftest import House, OpenHouse
from tests.support.until import until

HEARD = {"utterance_id": "u-1", "clause": 2, "language": "ES-mx", "ago_ms": 34}


async def test_what_pages_say_of_how_it_goes_reaches_the_room(house: House) -> None:
    """When a voice sounded, and whether figures are watched."""
    async with house.client("ada") as ada:
        await ada.join()
        participant = house.participant("ada")
        await ada.send("heard", **HEARD)
        await ada.send("watch_figures", watched=True)
        await until(lambda: participant.watches)
        assert participant.heard_voices == [("u-1", 2, "es-MX", 34)]
        await ada.send("watch_figures", watched=False)
        await until(lambda: not participant.watches)


async def test_choices_reach_the_room(house: House) -> None:
    """Of the original, and of one's own voice."""
    async with house.client("ada") as ada:
        await ada.join()
        await ada.send("set_original", original="low")
        await ada.send("set_own_voice", consented=True)
        await until(lambda: house.participant("ada").own_voice)
        assert house.participant("ada").original == "low"


async def test_what_makes_no_sense_is_refused(house: House) -> None:
    """And reaches nobody; the socket stays open."""
    async with house.client("ada") as ada:
        await ada.join()
        await ada.send("heard", **{**HEARD, "ago_ms": 60_001})
        assert await ada.error() == ("bad_message", "heard")
        await ada.send("heard", **{**HEARD, "language": "klingonese"})
        assert await ada.error() == ("unknown_language", "heard")
        await ada.send("heard", **HEARD)
        await until(lambda: len(house.participant("ada").heard_voices) == 1)


async def test_who_waits_is_told_to_wait(open_house: OpenHouse) -> None:
    """Nothing of a room is anybody's who is not in it."""
    house = await open_house(hosting=HostingSettings(lobby_by_default=True))
    async with house.client("zoe") as zoe:
        await zoe.send("join", name="Zoë")
        await zoe.next("waiting")
        for kind, fields in (("watch_figures", {"watched": True}), ("heard", HEARD)):
            await zoe.send(kind, **fields)
            assert await zoe.error() == ("wait", kind)
