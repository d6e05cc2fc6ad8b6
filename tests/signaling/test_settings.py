"""The defaults are the safe ones."""

from typing import Any

import msgspec
import pytest

from signaling.settings import IceServer, SignalingSettings, TurnSettings

SECRET = "north-by-northwest"  # noqa: S105 - of no server


def test_nobody_on_the_network_gets_in_by_default() -> None:
    """Only this machine is served, and only it gets development tokens."""
    settings = SignalingSettings()
    assert settings.host == "127.0.0.1"
    assert settings.dev_tokens == "loopback"
    assert settings.allowed_origins == ()


def test_a_short_token_secret_is_refused() -> None:
    """None is fine, it is made up then; one that can be guessed is not, and it is never shown."""
    with pytest.raises(ValueError, match=r"token_secret must be at least 32 bytes"):
        SignalingSettings(token_secret="s" * 31)
    assert "sss" not in repr(SignalingSettings(token_secret="s" * 32))


def test_no_third_party_is_asked_for_anything() -> None:
    """Browsers get no ICE server unless one is set."""
    assert SignalingSettings().ice_servers == ()


def test_an_ice_server_is_json_as_browsers_want_it() -> None:
    """What is not set is left out: a STUN server has no credential."""
    assert msgspec.json.encode(IceServer(("stun:stun.example.org",))) == b'{"urls":["stun:stun.example.org"]}'


def test_messages_are_bounded() -> None:
    """64 KiB, 50 a second, a burst of 100 (changes: 2 and 10), 256 waiting: what PROTOCOL.md promises."""
    settings = SignalingSettings()
    assert settings.max_message_bytes == 64 * 1024
    assert (settings.messages_per_second, settings.message_burst) == (50, 100)
    assert (settings.changes_per_second, settings.change_burst) == (2, 10)
    assert settings.outbox_size == 256


@pytest.mark.parametrize(
    "url",
    [
        "turn:turn.example.org",
        "turn:192.0.2.1:3478",
        "turn:[2001:db8::1]:3478?transport=udp",
        "turns:turn.example.org:443?transport=tcp",
    ],
)
def test_turn_servers_are_named_as_browsers_want_them(url: str) -> None:
    """What RFC 7065 allows is taken."""
    assert TurnSettings(urls=(url,), secret=SECRET).urls == (url,)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"urls": ("turn.example.org:3478",)}, "is not like turn:"),
        ({"urls": ("stun:turn.example.org",)}, "is not like turn:"),
        ({"urls": ("turn:turn.example.org?transport=sctp",)}, "is not like turn:"),
        ({"urls": ("turn:user@turn.example.org",)}, "is not like turn:"),
        ({"secret": "short"}, "at least 16 characters"),
        ({"secret": ""}, "at least 16 characters"),
        ({"lifetime_s": 0}, "lifetime_s"),
        ({"lifetime_s": 86_401}, "lifetime_s"),
    ],
)
def test_turn_settings_that_cannot_work_are_refused(wrong: dict[str, Any], words: str) -> None:
    """At the start, with words, rather than in browsers later."""
    with pytest.raises(ValueError, match=words):
        TurnSettings(**{"urls": ("turn:turn.example.org",), "secret": SECRET, **wrong})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"trusted_proxies": ("proxy.example.org",)}, "proxy.example.org"),
        ({"unlimited_addresses": ("10.0.0.1/8",)}, "10.0.0.1/8"),
        ({"sockets_per_address": 0}, "sockets_per_address must be at least 1"),
        ({"connections_per_address": 0}, "connections_per_address must be at least 1"),
        ({"requests_per_second": 0.0}, "requests_per_second must be more than 0"),
        ({"key_requests_per_second": float("nan")}, "key_requests_per_second must be more than 0"),
    ],
)
def test_limits_that_cannot_work_are_refused(wrong: dict[str, Any], words: str) -> None:
    """Nobody could come in, or everybody would be believed."""
    with pytest.raises(ValueError, match=words):
        SignalingSettings(**wrong)


def test_a_secret_is_not_shown() -> None:
    """Not even where settings are printed by mistake."""
    assert SECRET not in repr(SignalingSettings(turn=TurnSettings(secret=SECRET)))


def test_relay_only_needs_a_relay() -> None:
    """Otherwise nobody would hear anything. One set by hand counts."""
    with pytest.raises(ValueError, match=r"relay_only needs a TURN server"):
        SignalingSettings(relay_only=True, ice_servers=(IceServer(("stun:stun.example.org",)),))
    assert SignalingSettings(relay_only=True, ice_servers=(IceServer(("turn:turn.example.org",), "u", "c"),)).relay_only
