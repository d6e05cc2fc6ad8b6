"""What is needed of pylibsrtp's insides."""

import pytest
from pylibsrtp import Policy, Session

from media_server.rtc import srtp
from media_server.rtc.batch import Encrypt
from media_server.rtc.native import ffi

KEY = bytes(range(30))
PACKET = bytes((0x80, 111, 0, 1, 0, 0, 3, 192, 0, 0, 0, 77)) + b"sound"


def session(ssrc_type: int) -> Session:
    return Session(Policy(key=KEY, ssrc_type=ssrc_type))


def encrypted(encrypt: Encrypt) -> bytes:
    memory = ffi.new("char[]", 2048)
    ffi.buffer(memory)[: len(PACKET)] = PACKET
    length = ffi.new("int *", len(PACKET))
    assert encrypt(memory, length) == 0
    return bytes(ffi.buffer(memory)[: length[0]])


def test_what_is_encrypted_in_place_is_what_the_library_makes() -> None:
    """And the other end can read it."""
    sender = session(Policy.SSRC_ANY_OUTBOUND)
    sealed = encrypted(srtp.encrypting(sender))
    assert sealed == session(Policy.SSRC_ANY_OUTBOUND).protect(PACKET)
    assert session(Policy.SSRC_ANY_INBOUND).unprotect(sealed) == PACKET


def test_compiled_functions_encrypt_by_the_same_library() -> None:
    """They are told where its function and its session are."""
    compiled = srtp.compiled()
    if compiled is None:
        pytest.skip("lanes.c is not compiled here: there is no C compiler")
    sender = session(Policy.SSRC_ANY_OUTBOUND)
    memory, lengths = ffi.new("uint8_t[]", 2048), ffi.new("struct iovec *")
    messages = ffi.new("struct mmsghdr *", {"msg_hdr": {"msg_iov": lengths}})
    addresses = ffi.new("uint8_t[28]")
    batch = ffi.new(
        "struct batch *",
        {"capacity": 1, "stride": 2048, "longest": 1500, "bytes": memory, "addresses": addresses, "messages": messages},
    )
    route = ffi.new("struct route *", {"session": srtp.pointer(sender), "batch": batch})
    lane = ffi.new("struct lane *", {"route": route, "ssrc": 77, "payload_type": 111})
    lane.stream.source, lane.stream.sequence_number = 5, 0
    lanes, refused = ffi.new("struct lane *[]", [lane]), ffi.new("int32_t[]", 1)
    fan = ffi.new("struct fan *", {"lanes": lanes, "count": 1, "refused": refused})
    assert compiled.fan_out(fan, 0, 5, 1, 960, b"sound", 5, 0.02) == 1
    assert (fan.refused_count, fan.failed, batch.count) == (0, 0, 1)
    sealed = bytes(ffi.buffer(memory)[: lengths.iov_len])
    assert session(Policy.SSRC_ANY_INBOUND).unprotect(sealed) == PACKET
