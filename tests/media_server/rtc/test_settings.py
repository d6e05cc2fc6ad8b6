"""What can be set of the media connections."""

import dataclasses

import pytest

from media_server.rtc.settings import RtcSettings


def test_settings_cannot_change_under_a_running_node() -> None:
    """They are read once."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        RtcSettings().port = 1  # type: ignore[misc]


def test_closing_keeps_the_promise_of_the_peer() -> None:
    """`Peer.close` returns within 5 s: giving up must come before that."""
    assert RtcSettings().close_deadline < 5
