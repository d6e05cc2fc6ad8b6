"""Whether a server may start with what it was told about who comes in."""

from typing import Any

import pytest

from parley.entrance import check_entrance, dev_settings, entrance
from parley.errors import SettingError
from parley.settings import Settings
from signaling.identity.settings import TokenSettings
from signaling.settings import SignalingSettings

SECRET = "s" * 32
HERE, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - nothing is bound to it
KEYS: list[dict[str, Any]] = [
    {"token_secret": SECRET},
    {"tokens": TokenSettings(secrets=(f"new:{SECRET}",))},
    {"tokens": TokenSettings(jwks_url="https://id.example.org/jwks.json")},
]


@pytest.mark.parametrize(
    ("door", "flags"),
    [
        ({}, ""),
        ({"host": "::1"}, ""),
        ({"host": "localhost"}, "--dev"),
        ({"dev_tokens": "loopback"}, "--dev"),
        ({"host": EVERYWHERE, "dev_tokens": "always"}, ""),
        ({"host": EVERYWHERE, "dev_tokens": "always"}, "--dev --dev-anywhere"),
        *(({"host": EVERYWHERE, "dev_tokens": "never", **keys}, "") for keys in KEYS),
    ],
    ids=str,
)
def test_it_starts_where_the_right_people_can_come_in(door: dict[str, Any], flags: str) -> None:
    """At this machine without any words; elsewhere with a key, or where everybody was let in twice."""
    check_entrance(SignalingSettings(**door), dev="--dev " in f"{flags} ", anywhere="--dev-anywhere" in flags)


@pytest.mark.parametrize(
    ("door", "flags", "said"),
    [
        ({"host": EVERYWHERE}, "", "signaling.tokens.secrets (from default): no secret is set"),
        ({"host": "192.0.2.1"}, "", "signaling.tokens.secrets (from default): no secret is set"),
        ({"dev_tokens": "never"}, "", "set signaling.tokens.secrets to NAME:SECRET"),
        ({"host": EVERYWHERE}, "--dev", "signaling.host (from --dev): it lets in who sits at this machine"),
        ({"dev_tokens": "always"}, "--dev-anywhere", "signaling.dev_tokens (from --dev-anywhere): it widens --dev"),
        *((keys, "--dev", "signaling.tokens.secrets (from --dev): tokens that prove nothing") for keys in KEYS),
    ],
    ids=str,
)
def test_it_does_not_start_otherwise(door: dict[str, Any], flags: str, said: str) -> None:
    """It says what to set; a secret never."""
    with pytest.raises(SettingError) as refused:
        check_entrance(SignalingSettings(**door), dev="--dev " in f"{flags} ", anywhere="--dev-anywhere" in flags)
    assert said in str(refused.value)
    assert SECRET not in str(refused.value)


def test_flags_say_who_gets_development_tokens() -> None:
    """They win over the environment and the file, as flags do."""
    assert dev_settings(dev=False, anywhere=False) == {}
    assert dev_settings(dev=True, anywhere=False) == {"signaling.dev_tokens": ("--dev", "loopback")}
    assert dev_settings(dev=True, anywhere=True) == {"signaling.dev_tokens": ("--dev-anywhere", "always")}


@pytest.mark.parametrize(
    ("door", "state", "detail"),
    [
        ({}, "ok", "who opens the page at this machine"),
        (KEYS[0] | {"dev_tokens": "never"}, "ok", "who has a token by the secrets that are set"),
        (KEYS[2], "ok", "who has a token by the public keys that are set; who opens the page at this machine"),
        ({"dev_tokens": "always"}, "warn", "everybody who reaches the page: dev_tokens is always"),
        ({"host": EVERYWHERE}, "missing", "no secret is set, and so nobody could come in"),
    ],
    ids=str,
)
def test_the_doctor_says_who_could_come_in(door: dict[str, Any], state: str, detail: str) -> None:
    """And what to do where that is everybody, or nobody."""
    (finding,) = entrance(Settings(signaling=SignalingSettings(**door)))
    assert (finding.state, finding.detail) == (state, detail)
    assert bool(finding.remedy) is (state != "ok")
