"""Whose a STUN datagram is."""

from aioice import stun as aioice
from hypothesis import given
from hypothesis import strategies as st

from media_server.rtc import stun

PASSWORD = b"a password of some length"


def request(username: str = "ours:theirs", *, password: bytes = PASSWORD) -> bytes:
    message = aioice.Message(aioice.Method.BINDING, aioice.Class.REQUEST)
    message.attributes["USERNAME"] = username
    message.attributes["PRIORITY"] = 1
    message.add_message_integrity(password)
    return bytes(message)


def test_a_request_says_whom_it_is_for() -> None:
    """Its user name is read, and its signature holds."""
    data = request()
    message = stun.read(data)
    assert message is not None
    assert message.kind is stun.Kind.REQUEST
    assert message.username == "ours:theirs"
    assert message.transaction_id == data[8:20]
    assert stun.authentic(data, message, PASSWORD)


def test_another_password_does_not_sign() -> None:
    """Knowing the user fragment is not enough."""
    data = request(password=b"a guess")
    message = stun.read(data)
    assert message is not None
    assert not stun.authentic(data, message, PASSWORD)


def test_a_changed_request_is_not_authentic() -> None:
    """A bit in what is signed breaks the signature."""
    data = bytearray(request())
    data[30] ^= 1
    message = stun.read(bytes(data))
    assert message is not None
    assert not stun.authentic(bytes(data), message, PASSWORD)


def test_an_unsigned_request_is_not_authentic() -> None:
    """No signature, no trust."""
    message = aioice.Message(aioice.Method.BINDING, aioice.Class.REQUEST)
    message.attributes["USERNAME"] = "ours:theirs"
    data = bytes(message)
    read = stun.read(data)
    assert read is not None
    assert not stun.authentic(data, read, PASSWORD)


def test_what_is_behind_the_signature_does_not_count() -> None:
    """A second user name there is not read."""
    data = request("ours:theirs")
    message = stun.read(data[:2] + (len(data) - 20 + 8).to_bytes(2, "big") + data[4:] + b"\x00\x06\x00\x04evil")
    assert message is not None
    assert message.username == "ours:theirs"


def test_a_response_is_known_by_its_transaction() -> None:
    """Of what is sent only requests expect one."""
    data = request()
    response = bytes(aioice.Message(aioice.Method.BINDING, aioice.Class.RESPONSE, transaction_id=data[8:20]))
    message = stun.read(response)
    assert message is not None
    assert message.kind is stun.Kind.RESPONSE
    assert message.transaction_id == stun.request_transaction(data)
    assert stun.request_transaction(response) is None


@given(st.binary(max_size=80))
def test_garbage_is_nothing(data: bytes) -> None:
    """It never raises, and a damaged message is not authentic."""
    read = stun.read(data)
    assert read is None or not stun.authentic(data, read, PASSWORD)


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_request_never_raises(position: int, value: int) -> None:
    """Lengths of attributes that lie among it."""
    data = bytearray(request())
    data[position % len(data)] = value
    read = stun.read(bytes(data))
    if read is not None:
        stun.authentic(bytes(data), read, PASSWORD)
