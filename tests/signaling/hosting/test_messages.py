"""What hosts ask for."""

from typing import get_args

import pytest

from signaling.hosting.messages import Hosting, HostMessage
from signaling.protocol import FromClient


@pytest.mark.parametrize("message", get_args(Hosting))
def test_every_host_message_is_one_and_is_understood(message: type) -> None:
    """Whoever is no host is refused by its kind, and none is left out of what a client may send."""
    assert issubclass(message, HostMessage)
    assert message in get_args(FromClient)
