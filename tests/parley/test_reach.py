"""What the doctor says of addresses and relays."""

import pytest

from media_server.rtc.settings import RtcSettings
from parley.reach import addresses, is_public, relay
from parley.settings import Settings
from signaling.settings import SignalingSettings, TurnSettings

SECRET = "north-by-northwest"  # noqa: S105 - of no server


def of_rtc(port: int = 7000, host: str | None = None, announce: tuple[str, ...] = ()) -> Settings:
    return Settings(rtc=RtcSettings(port=port, host=host, announce=announce))


def of_turn(*urls: str, relay_only: bool = False) -> Settings:
    return Settings(signaling=SignalingSettings(turn=TurnSettings(urls=urls, secret=SECRET), relay_only=relay_only))


def test_public_addresses_are_named() -> None:
    """They are what browsers send to."""
    [finding] = addresses(of_rtc(announce=("1.1.1.1", "2606:4700::1")))
    assert (finding.state, finding.detail) == ("ok", "browsers send sound to 1.1.1.1, 2606:4700::1")


def test_an_announced_address_wants_a_fixed_port() -> None:
    """Nobody can publish a port that is another each time."""
    [finding] = addresses(of_rtc(port=0, announce=("1.1.1.1",)))
    assert finding.state == "warn"
    assert "rtc.port" in (finding.remedy or "")


@pytest.mark.parametrize("settings", [of_rtc(host="10.0.0.1"), of_rtc(announce=("192.168.1.2",))])
def test_private_addresses_come_with_how_to_publish(settings: Settings) -> None:
    """They are all that a local network needs, and of no use to the internet."""
    [finding] = addresses(settings)
    assert finding.state == "ok"
    assert "rtc.announce" in finding.detail


def test_without_a_relay_it_is_said_who_stays_out() -> None:
    """It is nothing that is missing."""
    [finding] = relay(Settings())
    assert finding.state == "ok"
    assert "let no UDP out" in finding.detail


def test_a_relay_over_udp_only_helps_few() -> None:
    """Those who need one are mostly those whose networks let no UDP out."""
    [finding] = relay(of_turn("turn:turn.example.org"))
    assert finding.state == "warn"
    assert "transport=tcp" in (finding.remedy or "")


def test_a_relay_is_named() -> None:
    """And whether it is the only way."""
    [finding] = relay(of_turn("turn:t.example.org?transport=tcp", relay_only=True))
    assert (finding.state, finding.detail) == ("ok", "turn:t.example.org?transport=tcp, and no other way")


@pytest.mark.parametrize(("address", "is_one"), [("1.1.1.1", True), ("10.0.0.1", False), ("fd00::1", False)])
def test_the_internet_has_global_addresses(address: str, is_one: bool) -> None:
    """Private ones are not among them."""
    assert is_public(address) == is_one
