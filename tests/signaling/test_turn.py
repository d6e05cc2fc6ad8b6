"""ICE servers of one participant; that a real coturn takes the credentials is shown in tests/test_coturn.py."""

import time
from types import SimpleNamespace

import pytest

from signaling.settings import IceServer, SignalingSettings, TurnSettings
from signaling.turn import IceServers, credential
from tests.signaling.conftest import OpenHouse

SECRET = "north-by-northwest"  # noqa: S105 - of no server
URLS = ("turn:turn.example.org:3478", "turn:turn.example.org:3478?transport=tcp")
STUN = IceServer(urls=("stun:stun.example.org",))
SETTINGS = SignalingSettings(ice_servers=(STUN,), turn=TurnSettings(urls=URLS, secret=SECRET))


class Hours:
    """A clock that is set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.passed = 0.0
        monkeypatch.setattr("signaling.turn.time", SimpleNamespace(time=lambda: time.time() + 3600 * self.passed))


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    return Hours(monkeypatch)


def test_a_credential_is_what_openssl_makes_of_it() -> None:
    """`echo -n 1433895918:ana | openssl dgst -sha1 -hmac north-by-northwest -binary | base64`."""
    assert credential(SECRET, "ana", 1433895918) == ("1433895918:ana", "PFwT+RofrSHbcjXvUwF/1LQqzIg=")


def test_each_participant_gets_a_credential_for_an_hour() -> None:
    """All TURN servers come as one, behind what else is set."""
    stun, turn = IceServers(SETTINGS, "p-1").give()
    assert stun == STUN
    assert turn.urls == URLS
    assert turn.username is not None
    expires_at, user = turn.username.split(":")
    assert user == "p-1"
    assert 3590 < int(expires_at) - time.time() <= 3600
    assert (turn.username, turn.credential) == credential(SECRET, "p-1", int(expires_at))


def test_half_an_hour_later_it_is_stale(hours: Hours) -> None:
    """So a page that makes a connection always has one that will do for another half hour."""
    servers = IceServers(SETTINGS, "p-1")
    servers.give()
    hours.passed = 0.49
    assert not servers.are_stale()
    hours.passed = 0.51
    assert servers.are_stale()
    servers.give()
    assert not servers.are_stale()


def test_without_a_turn_server_what_is_set_is_given_as_it_is(hours: Hours) -> None:
    """Nothing is added, and nothing gets stale."""
    servers = IceServers(SignalingSettings(ice_servers=(STUN,)), "p-1")
    assert servers.give() == (STUN,)
    hours.passed = 10
    assert not servers.are_stale()


async def test_a_page_gets_fresh_credentials_before_the_old_ones_end(open_house: OpenHouse, hours: Hours) -> None:
    """With the answer to a ping: once, and not before half of their life is over."""
    house = await open_house(turn=SETTINGS.turn, relay_only=True)
    async with house.client("ada") as ada:
        joined = await ada.join()
        assert joined["relay_only"]
        await ada.send("ping")
        assert (await ada.next())["type"] == "pong"
        hours.passed = 0.6
        await ada.send("ping")
        await ada.send("ping")
        said = [await ada.next() for _ in range(3)]
        assert [message["type"] for message in said] == ["pong", "ice_servers", "pong"]
        [turn], [first] = said[1]["ice_servers"], joined["ice_servers"]
        assert int(turn["username"].split(":")[0]) - int(first["username"].split(":")[0]) >= 2100
