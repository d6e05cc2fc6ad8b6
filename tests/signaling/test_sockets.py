"""The signaling socket, and the end of all sockets."""

import asyncio

from signaling import sockets
from signaling.protocol import Close
from tests.signaling.conftest import ROOM, Client, House


async def test_whoever_has_a_token_may_join_by_the_signaling_socket(house: House) -> None:
    """The socket is a participant's own."""
    async with house.client("ada") as ada:
        assert (await ada.join())["participant_id"] == "ada"


async def test_at_the_end_every_socket_is_told_that_the_server_goes(house: House) -> None:
    """Those of participants and those that only read are closed with 1001."""
    reading = await house.http.ws_connect(f"/ws/captions/{ROOM}", params={"token": house.token()})
    async with house.client("ada") as ada:
        await ada.join()
        ending = asyncio.create_task(sockets.close_all(house.http.app))
        assert await ada.closed() == Close.GOING_AWAY
        assert await Client(reading).closed() == Close.GOING_AWAY
        await ending
