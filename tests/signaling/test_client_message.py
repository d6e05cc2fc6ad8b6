"""What all messages of a client have in common."""

import msgspec
import pytest

from signaling.client_message import ClientMessage, ParticipantId


class Wave(ClientMessage, frozen=True, kw_only=True, tag="wave"):
    to: ParticipantId


def test_a_message_is_told_by_its_type() -> None:
    """And travels under it."""
    assert msgspec.json.decode(b'{"type": "wave", "to": "ada"}', type=Wave) == Wave(to="ada")
    assert msgspec.json.encode(Wave(to="ada")) == b'{"type":"wave","to":"ada"}'


@pytest.mark.parametrize("more", ['"at": 1', '"to": "%s"' % ("x" * 65), '"to": 5'])
def test_what_is_unknown_too_long_or_of_another_kind_is_refused(more: str) -> None:
    """Rather than guessed at."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"type": "wave", "to": "ada", %s}' % more.encode(), type=Wave)
