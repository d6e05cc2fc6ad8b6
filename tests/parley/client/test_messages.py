"""What a client asks for is what the server takes."""

import pytest

from parley.client import messages
from parley.client.messages import (
    Admit,
    Deny,
    EndRoom,
    Join,
    Leave,
    Lock,
    Message,
    Mute,
    MuteParticipant,
    Offer,
    Remove,
    RenewToken,
    SetLanguages,
    SetLobby,
    SetOriginal,
    serialize,
)
from signaling import protocol
from tests.fakes.switchboard import TICKET

MESSAGES: list[Message] = [
    Join(name="Ann", speaking_language="en", listening_language="es", original="low", captions=False, resume="page"),
    Offer(sdp="v=0"),
    SetLanguages(speaking_language="en"),
    SetOriginal(original="on"),
    Mute(muted=False),
    RenewToken(token=TICKET),
    Admit(participant_id="p"),
    Deny(participant_id="p"),
    MuteParticipant(participant_id="p"),
    Remove(participant_id="p"),
    Lock(locked=True),
    SetLobby(lobby=False),
    EndRoom(),
    Leave(),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda each: type(each).__name__)
def test_the_server_reads_what_the_client_writes(message: Message) -> None:
    """Each message arrives as its counterpart in the server's own protocol, with the same fields."""
    read = protocol.parse(serialize(message))
    assert type(read).__name__ == type(message).__name__
    for field in message.__struct_fields__:
        assert getattr(read, field) == getattr(message, field)


def test_every_message_is_tried_here() -> None:
    """A message that is new stands in the list above."""
    kinds = {each for each in vars(messages).values() if isinstance(each, type) and issubclass(each, Message)}
    assert kinds - {Message} == {type(message) for message in MESSAGES}


def test_what_is_not_said_is_left_to_the_server() -> None:
    """A language that is not given is not sent as null."""
    assert serialize(Join(name="Ann")) == '{"type":"join","name":"Ann"}'
