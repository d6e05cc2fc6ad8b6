"""Signatures, against what Standard Webhooks says and what `openssl` computes."""

import base64
import subprocess

import pytest

from signaling.webhooks.signature import headers_of, is_signed, key_of, sign
from tests.signaling.webhooks.conftest import KEY, SECRET

ID, AT_S, BODY = "evt_1", 1_700_000_000, b'{"type":"room_started"}'


def test_the_example_of_the_standard_comes_out() -> None:
    """The values are those of the reference libraries' own tests."""
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_another_program_computes_the_same() -> None:
    """An HMAC-SHA256 of id, time and body."""
    made = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{KEY.hex()}", "-binary"],
        input=f"{ID}.{AT_S}.".encode() + BODY,
        capture_output=True,
        check=True,
    )
    assert sign(SECRET, ID, AT_S, BODY) == "v1," + base64.b64encode(made.stdout).decode()


def test_a_receiver_can_check() -> None:
    """With either secret while they change over, and a clock that is somewhat off."""
    other = "whsec_" + base64.b64encode(b"o" * 24).decode()
    headers = headers_of((SECRET, other), ID, AT_S, BODY)
    assert is_signed(SECRET, headers, BODY, now_s=AT_S + 299.0)
    assert is_signed(other, headers, BODY, now_s=AT_S - 299.0)


@pytest.mark.parametrize(
    ("change", "body", "now_s"),
    [
        ({}, BODY + b" ", AT_S),
        ({"webhook-id": "evt_2"}, BODY, AT_S),
        ({"webhook-id": ""}, BODY, AT_S),
        ({"webhook-timestamp": str(AT_S + 1)}, BODY, AT_S),
        ({"webhook-timestamp": "now"}, BODY, AT_S),
        ({"webhook-timestamp": "²"}, BODY, AT_S),
        ({"webhook-signature": ""}, BODY, AT_S),
        ({"webhook-signature": "v1,é \udcff"}, BODY, AT_S),
        ({}, BODY, AT_S + 301),
    ],
)
def test_what_was_changed_or_is_old_is_refused(change: dict[str, str], body: bytes, now_s: float) -> None:
    """Another body, id or time, a replay, or nonsense."""
    headers = headers_of((SECRET,), ID, AT_S, BODY) | change
    assert not is_signed(SECRET, headers, body, now_s=now_s)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_!", "whsec_" + "A" * 28, base64.b64encode(KEY).decode(), "whsec_" + "A" * 88]
)
def test_a_secret_has_a_form(secret: str) -> None:
    """Prefix, base64, 24 to 64 bytes; otherwise the words say how to make one."""
    with pytest.raises(ValueError, match="openssl rand"):
        key_of(secret)
