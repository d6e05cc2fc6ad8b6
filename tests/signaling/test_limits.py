"""What one identity may do, by whichever socket."""

import json

import pytest

from signaling import limits
from signaling.identity.grant import Identity
from signaling.limits import AllLimits
from signaling.protocol import Close
from signaling.settings import SignalingSettings
from tests.signaling.conftest import ROOM, House, OpenHouse

ADA, BEA, CARL = Identity("ada", ROOM), Identity("bea", ROOM), Identity("carl", ROOM)


def test_each_identity_has_its_own() -> None:
    """The same each time it comes."""
    everybody = AllLimits(SignalingSettings())
    assert everybody.of(ADA) is everybody.of(ADA)
    assert everybody.of(ADA) is not everybody.of(BEA)


def test_the_one_that_came_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is room for so many."""
    monkeypatch.setattr(limits, "_KEPT", 2)
    everybody = AllLimits(SignalingSettings())
    adas, beas = everybody.of(ADA), everybody.of(BEA)
    everybody.of(ADA)
    everybody.of(CARL)
    assert everybody.of(ADA) is adas
    assert everybody.of(BEA) is not beas


async def test_strikes_are_not_forgotten_by_coming_again(open_house: OpenHouse) -> None:
    """Three on one socket and two on the next are five."""
    house = await open_house(strikes=4)
    for strikes in (3, 1):
        async with house.client("ada") as ada:
            for _ in range(strikes):
                await ada.socket.send_str(json.dumps({"type": "dance"}))
                assert (await ada.next())["type"] == "error"
    async with house.client("ada") as ada:
        await ada.send("dance")
        assert await ada.closed() == Close.POLICY


async def test_a_flood_of_takeovers_is_bounded(house: House) -> None:
    """One after the other takes the place, six times; then nobody does for a while, and whoever is in stays."""
    joined = 0
    async with house.client("bea") as bea:
        await bea.join()
        for number in range(8):
            async with house.client("ada") as ada:
                await ada.send("join", name="Ada", speaking_language="en", listening_language="en")
                answer = await ada.next()
                joined += answer["type"] == "joined"
                if answer["type"] == "error":
                    assert (number, answer["code"]) == (max(number, 6), "too_many_messages")
                ada.vanish()
    assert joined == 6
    assert house.participant("ada")
