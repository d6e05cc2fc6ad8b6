"""Which rooms and people there are."""

import pytest

from signaling.identity.grant import Grant, Identity
from signaling.rest.house import look_at, participants_of, room_ids, state_of
from signaling.rest.problem import ProblemError
from tests.signaling.conftest import ROOM, Client, House


async def test_a_room_is_there_when_it_is_set_up_or_somebody_is_in_it(house: House) -> None:
    """Otherwise it is not, whatever could be made of its name."""
    assert room_ids(house.door) == set()
    with pytest.raises(ProblemError):
        state_of(house.door, ROOM)
    house.door.states.change("set-up", lobby=True)
    async with house.client("ada") as ada:
        await ada.join()
        assert room_ids(house.door) == {"set-up", ROOM}
        assert look_at(house.door, ROOM).participants == 1


async def test_a_room_that_has_ended_is_not_there(house: House) -> None:
    """Also while its people are still on their way out."""
    async with house.client("ada") as ada:
        await ada.join()
        house.door.states.change(ROOM, ended=True)
        assert room_ids(house.door) == set()
        with pytest.raises(ProblemError):
            look_at(house.door, ROOM)


async def test_hidden_participants_are_shown_to_nobody(house: House) -> None:
    """Not in number either."""
    token = house.door.tokens.issue_for(Grant(identity=Identity("ghost", ROOM), hidden=True))
    async with house.client("bea") as bea, house.http.ws_connect(f"/ws/signaling/{ROOM}?token={token}") as socket:
        await bea.join("Bea")
        await Client(socket).join("Ghost")
        assert [each.participant_id for each in participants_of(house.door, ROOM)] == ["bea"]
        assert look_at(house.door, ROOM).participants == 1
