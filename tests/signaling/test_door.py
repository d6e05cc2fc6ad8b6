"""What the handlers of an application share."""

from signaling.door import DOOR
from tests.signaling.conftest import House, OpenHouse
from tests.support.until import until


async def test_who_is_in_is_known_until_they_leave(house: House) -> None:
    """Presences and sockets are listed while they last, and not longer."""
    async with house.client("ada") as ada:
        await ada.join()
        assert [grant.participant_id for grant in house.door.presences] == ["ada"]
        assert len(house.door.sockets) == 1
        await ada.send("leave")
        await ada.closed()
    await until(lambda: not house.door.sockets)
    assert house.door.presences == {}


async def test_two_applications_share_nothing(open_house: OpenHouse) -> None:
    """Not even the secret of their tokens."""
    one, other = await open_house(), await open_house()
    assert one.http.app[DOOR] is not other.http.app[DOOR]
    assert one.door.tokens is not other.door.tokens
