"""A TURN client that asks for anything (RFC 8656), over UDP, one request at a time, waiting for each answer."""

import hashlib
import hmac
import ipaddress
import os
import socket
import struct
from typing import NamedTuple

_COOKIE = 0x2112A442
_ALLOCATE, _REFRESH, _CREATE_PERMISSION, _CHANNEL_BIND = 0x0003, 0x0004, 0x0008, 0x0009
_USERNAME, _MESSAGE_INTEGRITY, _ERROR_CODE, _CHANNEL_NUMBER = 0x0006, 0x0008, 0x0009, 0x000C
_LIFETIME, _PEER_ADDRESS, _REALM, _NONCE = 0x000D, 0x0012, 0x0014, 0x0015
_ADDRESS_FAMILY, _TRANSPORT = 0x0017, 0x0019
_UDP = bytes([17, 0, 0, 0])

OK, UNAUTHORIZED, FORBIDDEN = 0, 401, 403
"""What requests come to: 0, or an error code of RFC 8489 or RFC 8656."""


class _Response(NamedTuple):
    code: int
    attributes: dict[int, bytes]


class TurnClient:
    """Somebody with a credential, good or not. Each method gives what the server said: 0 or an error code."""

    def __init__(self, sock: socket.socket, server: tuple[str, int], username: str, password: str) -> None:
        sock.settimeout(3)
        self._socket = sock
        self._server = server
        self._username = username
        self._password = password
        # Given by the server with its first refusal.
        self._realm = self._nonce = b""
        self._channels = iter(range(0x4000, 0x5000))

    def allocate(self, *, version: int = 4) -> int:
        """Ask for a relayed address of IP version 4 or 6."""
        family = bytes([1 if version == 4 else 2, 0, 0, 0])
        return self._ask(_ALLOCATE, (_TRANSPORT, _UDP), (_ADDRESS_FAMILY, family))

    def refresh(self, lifetime_s: int) -> int:
        """Keep the allocation, or give it back with 0."""
        return self._ask(_REFRESH, (_LIFETIME, struct.pack("!I", lifetime_s)))

    def permit(self, peer: str) -> int:
        """Ask to exchange datagrams with an address."""
        return self._ask(_CREATE_PERMISSION, (_PEER_ADDRESS, peer))

    def bind(self, peer: str) -> int:
        """Ask for a channel to an address."""
        number = struct.pack("!HH", next(self._channels), 0)
        return self._ask(_CHANNEL_BIND, (_CHANNEL_NUMBER, number), (_PEER_ADDRESS, peer))

    def _ask(self, method: int, *attributes: tuple[int, bytes | str]) -> int:
        response = self._request(method, attributes)
        # The first answer, and that to an outdated nonce, say what to sign with.
        if response.code in (UNAUTHORIZED, 438) and response.attributes.get(_NONCE) not in (None, self._nonce):
            self._realm = response.attributes.get(_REALM, self._realm)
            self._nonce = response.attributes[_NONCE]
            response = self._request(method, attributes)
        return response.code

    def _request(self, method: int, attributes: tuple[tuple[int, bytes | str], ...]) -> _Response:
        transaction = os.urandom(12)
        body = b"".join(
            _attribute(kind, value if isinstance(value, bytes) else _xor_address(value, transaction))
            for kind, value in attributes
        )
        if self._nonce:
            body += _attribute(_USERNAME, self._username.encode())
            body += _attribute(_REALM, self._realm) + _attribute(_NONCE, self._nonce)
            # The length covers the signature that follows (RFC 8489 section 14.5).
            head = _header(method, len(body) + 24, transaction)
            body += _attribute(_MESSAGE_INTEGRITY, hmac.digest(self._key(), head + body, "sha1"))
        self._socket.sendto(_header(method, len(body), transaction) + body, self._server)
        while True:
            data = self._socket.recv(2048)
            if data[8:20] == transaction:
                return _read(data)

    def _key(self) -> bytes:
        words = b":".join((self._username.encode(), self._realm, self._password.encode()))
        return hashlib.md5(words, usedforsecurity=False).digest()


def _header(method: int, length: int, transaction: bytes) -> bytes:
    return struct.pack("!HHI", method, length, _COOKIE) + transaction


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _xor_address(host: str, transaction: bytes) -> bytes:
    """Write an address with port 9. IPv4-mapped ones stay IPv6."""
    address = ipaddress.ip_address(host)
    mask = struct.pack("!I", _COOKIE) + transaction
    hidden = bytes(a ^ b for a, b in zip(address.packed, mask, strict=False))
    return struct.pack("!BBH", 0, 1 if address.version == 4 else 2, 9 ^ (_COOKIE >> 16)) + hidden


def _read(data: bytes) -> _Response:
    attributes, rest = {}, data[20:]
    while len(rest) >= 4:
        kind, length = struct.unpack_from("!HH", rest)
        attributes[kind] = rest[4 : 4 + length]
        rest = rest[4 + length + -length % 4 :]
    error = attributes.get(_ERROR_CODE)
    return _Response(error[2] * 100 + error[3] if error else OK, attributes)
