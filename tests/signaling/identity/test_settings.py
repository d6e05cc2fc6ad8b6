"""What can be set about tokens, and what cannot."""

from typing import Any

import pytest

from signaling.identity.settings import TokenSettings

SECRET = "s" * 32


def test_by_default_there_is_no_key_at_all() -> None:
    """No secret that is the same everywhere, no API key, no address that is asked."""
    settings = TokenSettings()
    assert (settings.named_secrets, settings.named_api_keys, settings.has_jwks) == ((), (), False)


def test_secrets_have_names() -> None:
    """A colon may stand in the secret, not in the name."""
    settings = TokenSettings(secrets=(f"new:{SECRET}", f"old:a:b{SECRET}"), api_keys=(f"shop:{SECRET}",))
    assert [tuple(each) for each in settings.named_secrets] == [("new", SECRET), ("old", f"a:b{SECRET}")]
    assert settings.named_api_keys[0].name == "shop"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"secrets": (SECRET,)}, "secrets: number 1 is not NAME:SECRET"),
        ({"secrets": (f"a b:{SECRET}",)}, "secrets: number 1 is not NAME:SECRET"),
        ({"secrets": (f"new:{SECRET[:31]}",)}, "secrets: 'new' must have at least 32 printable"),
        ({"secrets": (f"new:{SECRET} {SECRET}",)}, "secrets: 'new' must have at least 32 printable"),
        ({"secrets": (f"new:{SECRET}", f"new:{SECRET}x")}, "secrets: two have the same name"),
        ({"secrets": tuple(f"{n}:{SECRET}" for n in range(9))}, "secrets: at most 8"),
        ({"api_keys": ("shop:short",)}, "api_keys: 'shop' must have at least 32"),
        ({"issuer": ""}, "issuer and audience must say something"),
        ({"audience": ""}, "issuer and audience must say something"),
        ({"jwks_file": "a", "jwks_url": "https://id.example.org"}, "jwks_file and jwks_url: say one"),
        ({"jwks_url": "http://id.example.org/jwks.json"}, "jwks_url must be an https URL"),
        ({"jwks_url": "https://user:pass@id.example.org/"}, "jwks_url must be an https URL"),
        ({"jwks_url": "file:///etc/passwd"}, "jwks_url must be an https URL"),
        ({"jwks_url": "https://"}, "jwks_url must be an https URL"),
        ({"jwks_url": "https://[::1"}, "jwks_url must be an https URL"),
        ({"jwks_hurry_s": 0.1}, "jwks_hurry_s, jwks_refresh_s, jwks_keep_s"),
        ({"jwks_refresh_s": 10.0}, "jwks_hurry_s, jwks_refresh_s, jwks_keep_s"),
        ({"jwks_keep_s": 60.0}, "jwks_hurry_s, jwks_refresh_s, jwks_keep_s"),
        ({"jwks_timeout_s": 0.0}, "jwks_timeout_s"),
        ({"longest_s": 59}, "longest_s"),
        ({"longest_s": 10**9}, "longest_s"),
    ],
)
def test_what_cannot_work_is_refused(wrong: dict[str, Any], words: str) -> None:
    """At the start, in words in which no secret stands."""
    with pytest.raises(ValueError, match=words) as refused:
        TokenSettings(**wrong)
    assert SECRET[:16] not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["https://id.example.org/.well-known/jwks.json", "http://127.0.0.1:8000/j", "http://[::1]/j"]
)
def test_keys_come_by_a_way_on_which_nobody_changes_them(url: str) -> None:
    """Through TLS, or within this machine."""
    assert TokenSettings(jwks_url=url).has_jwks


def test_secrets_are_not_shown() -> None:
    """Not even where settings are printed by mistake."""
    assert "sss" not in repr(TokenSettings(secrets=(f"new:{SECRET}",), api_keys=(f"shop:{SECRET}",)))
