"""Signatures of webhooks, as Standard Webhooks 1.0 has them: made here, and checked by whoever receives.

What is signed is `{id}.{timestamp}.{body}`, with HMAC-SHA256 and the bytes behind the secret's prefix. The header
`webhook-signature` holds `v1,` and the signature in base64; several of them, separated by spaces, while secrets change.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
"""How long the key behind the prefix may be."""

TOLERANCE_S = 300
"""By how much the clocks of sender and receiver may differ, in seconds: an older event is a replay."""

_VERSION = "v1,"


def key_of(secret: str) -> bytes:
    """Give the key that a secret stands for.

    Raises:
        ValueError: it is not `whsec_` and 24 to 64 bytes in base64.
    """
    key = b""
    if secret.startswith(PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            key = b""
    if len(key) not in KEY_BYTES:
        raise ValueError(
            f"secret must be {PREFIX} and {KEY_BYTES[0]} to {KEY_BYTES[-1]} random bytes in base64: "
            f"write {PREFIX} and what `openssl rand -base64 32` prints"
        )
    return key


def sign(secret: str, event_id: str, at_s: int, body: bytes) -> str:
    """Give one signature, `v1,...`, of an event that is sent at this time (epoch seconds)."""
    signed = b".".join((event_id.encode(), str(at_s).encode(), body))
    return _VERSION + base64.b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode()


def headers_of(secrets: tuple[str, ...], event_id: str, at_s: int, body: bytes) -> dict[str, str]:
    """Give the three headers of an event, signed with each secret."""
    signatures = " ".join(sign(secret, event_id, at_s, body) for secret in secrets)
    return {ID: event_id, TIMESTAMP: str(at_s), SIGNATURE: signatures}


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, *, now_s: float) -> bool:
    """Whether an event was signed with this secret, within `TOLERANCE_S` of now (epoch seconds): for receivers.

    `headers` are looked up by their names in lower case.
    """
    event_id, at_s = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not event_id or not (at_s.isascii() and at_s.isdigit()) or abs(now_s - int(at_s)) > TOLERANCE_S:
        return False
    expected = sign(secret, event_id, int(at_s), body).encode()
    given = headers.get(SIGNATURE, "").encode(errors="replace").split(b" ")
    return any(hmac.compare_digest(expected, each) for each in given)
