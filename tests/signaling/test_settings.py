"""The defaults are the safe ones."""

import msgspec

from signaling.settings import IceServer, SignalingSettings


def test_nobody_on_the_network_gets_in_by_default() -> None:
    """Only this machine is served, and only it gets development tokens."""
    settings = SignalingSettings()
    assert settings.host == "127.0.0.1"
    assert settings.dev_tokens == "loopback"
    assert settings.allowed_origins == ()


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
