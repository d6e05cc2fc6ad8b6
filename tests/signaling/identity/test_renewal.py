"""Staying longer than the token lets with which one came."""

import asyncio
import time

from signaling.protocol import Close
from tests.signaling.conftest import House, OpenHouse
from tests.support.until import until


async def test_another_token_lets_stay_longer(open_house: OpenHouse) -> None:
    """The socket outlives the first token, and the resume token that is given lasts as long as the second."""
    house = await open_house(token_leeway_s=0)
    later = int(time.time()) + 600
    async with house.client("ada", expires_at=time.time() + 1.5) as ada:
        await ada.join()
        await ada.send("token", token=house.token("demo", "ada", expires_at=float(later)))
        renewed = await ada.next("token")
        assert renewed["ends_at"] == later
        assert house.door.tokens.verify(renewed["resume_token"], "demo").expires_at == later
        await asyncio.sleep(1.6)
        await ada.send("ping")
        await ada.next("pong")
        (presence,) = house.door.presences.values()
        assert presence.grant.expires_at == later


async def test_the_other_token_counts_in_every_way(house: House) -> None:
    """To revoke the first one ends nothing any more; to revoke the second one does."""
    first = house.token("demo", "ada", expires_at=time.time() + 60)
    second = house.token("demo", "ada", expires_at=time.time() + 90)
    ids = [house.door.tokens.verify(token, "demo").token_id for token in (first, second)]
    async with house.http.ws_connect("/ws/signaling/demo", params={"token": first}) as socket:
        await socket.send_json({"type": "token", "token": second})
        assert (await socket.receive_json(timeout=5))["type"] == "token"
        for token_id in ids:
            house.door.revocations.revoke(token_id, time.time() + 90)
            if token_id == ids[0]:
                await socket.send_json({"type": "ping"})
                assert (await socket.receive_json(timeout=5))["type"] == "pong"
        assert (await socket.receive(timeout=5)).data == Close.TOKEN_ENDED


async def test_a_token_that_is_not_as_good_changes_nothing(house: House) -> None:
    """Bad, another person's, for another room, or of other rights: refused with words, and the first one counts."""
    async with house.client("ada") as ada:
        await ada.join()
        before = next(iter(house.door.watches.values())).grant
        for token in (
            "eyJ",
            house.token("demo", "bea"),
            house.token("other", "ada"),
            house.token("demo", "ada", role="host"),
            house.token("demo", "ada", languages=frozenset({"en"})),
        ):
            await ada.send("token", token=token)
            assert await ada.error() == ("bad_token", "token")
        assert next(iter(house.door.watches.values())).grant is before


async def test_a_visit_without_renewal_ends(open_house: OpenHouse) -> None:
    """The participant leaves; coming back with the resume token is refused."""
    house = await open_house(token_leeway_s=0)
    async with house.client("ada", expires_at=float(int(time.time()) + 2)) as ada:
        joined = await ada.join()
        participant = house.participant("ada")
        assert await ada.closed() == Close.TOKEN_ENDED
    await until(lambda: participant.left == "gone")
    async with house.http.ws_connect("/ws/signaling/demo", params={"token": joined["resume_token"]}) as socket:
        frame = await socket.receive(timeout=5)
        assert (frame.data, frame.extra) == (Close.BAD_TOKEN, "token expired")
