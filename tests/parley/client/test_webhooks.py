"""Webhooks: what the server signs is taken, and nothing else."""

import json
import time

import pytest

from parley.client.errors import SignatureError
from parley.client.webhooks import TOLERANCE_S, verify
from signaling.webhooks.signature import headers_of

SECRET = "whsec_" + "c2VjcmV0" * 6
OTHER = "whsec_" + "b3RoZXIh" * 6
BODY = json.dumps(
    {"id": "evt_1", "type": "participant_joined", "at_ms": 1, "data": {"room_id": "hall", "participant_id": "ann"}}
).encode()


def headers(*secrets: str, at_s: int | None = None) -> dict[str, str]:
    return headers_of(secrets or (SECRET,), "evt_1", int(time.time()) if at_s is None else at_s, BODY)


def test_what_the_server_signs_is_taken() -> None:
    """The event is read, whatever case the headers are in, and while secrets change."""
    signed = {name.title(): value for name, value in headers(OTHER, SECRET).items()}
    event = verify(SECRET, signed, BODY)
    assert (event.id, event.type, event.data["room_id"]) == ("evt_1", "participant_joined", "hall")


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp", "webhook-signature", "secret"])
def test_what_was_changed_is_refused(changed: str) -> None:
    """A byte of the body, of any header, or another secret."""
    signed = headers()
    if changed in signed:
        signed[changed] = signed[changed][:-1] + ("0" if signed[changed][-1] != "0" else "1")
    body = BODY + b" " if changed == "body" else BODY
    with pytest.raises(SignatureError):
        verify(OTHER if changed == "secret" else SECRET, signed, body, now_s=time.time())


def test_what_is_old_is_refused() -> None:
    """A replay of what was signed long ago."""
    with pytest.raises(SignatureError, match="too long ago"):
        verify(SECRET, headers(at_s=1_000), BODY, now_s=1_001.0 + TOLERANCE_S)


def test_what_is_not_signed_is_refused() -> None:
    """No headers, or a time that is none."""
    for signed in ({}, headers() | {"webhook-timestamp": "now"}):
        with pytest.raises(SignatureError, match="missing"):
            verify(SECRET, signed, BODY)


def test_a_secret_that_is_none_is_said_so() -> None:
    """It is the receiver's own mistake."""
    for secret in ("secret", "whsec_***", "whsec_"):
        with pytest.raises(ValueError, match="whsec_"):
            verify(secret, headers(), BODY)
