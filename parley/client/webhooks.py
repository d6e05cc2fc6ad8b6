"""Whether a webhook comes from the server that it names, as Standard Webhooks has it.

The signature is HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, in base64, with the bytes that the secret
(`whsec_` and base64) stands for.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from parley.client.errors import SignatureError

TOLERANCE_S = 300
"""By how much the clocks may differ; an older one may be a replay."""
_PREFIX = "whsec_"


class WebhookEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened. It may come twice, with the same id."""

    # The header `webhook-id`.
    id: str
    # `participant_joined` for example.
    type: str
    # Epoch milliseconds.
    at_ms: int = 0
    data: dict[str, Any] = {}


_event = msgspec.json.Decoder(WebhookEvent)


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now_s: float | None = None) -> WebhookEvent:
    """Check a webhook, and read it.

    Args:
        secret: the one that the server signs with, `whsec_...`.
        headers: of the request, in whatever case.
        body: of the request, as it came: not read and written again.
        now_s: epoch seconds; None: now.

    Raises:
        SignatureError: it was not signed with this secret, or not now, or it is no event.
        ValueError: the secret is none.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    identifier, sent = lower.get("webhook-id", ""), lower.get("webhook-timestamp", "")
    if not identifier or not (sent.isascii() and sent.isdigit()):
        raise SignatureError("the headers of a signed webhook are missing")
    if abs((time.time() if now_s is None else now_s) - int(sent)) > TOLERANCE_S:
        raise SignatureError("it was sent too long ago, or a clock is wrong")
    signed = b".".join((identifier.encode(), sent.encode(), body))
    expected = b"v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256))
    given = lower.get("webhook-signature", "").encode(errors="replace").split()
    if not any(hmac.compare_digest(expected, each) for each in given):
        raise SignatureError("it was not signed with this secret")
    try:
        return _event.decode(body)
    except msgspec.DecodeError as error:
        raise SignatureError(f"it is signed, but no event: {error}") from None


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True) if secret.startswith(_PREFIX) else b""
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError(f"a webhook's secret is {_PREFIX} and bytes in base64")
    return key
