"""What can be set about tokens: with which keys they are signed and verified, for how long they count."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from signaling.names import is_id
from signaling.origins import is_loopback

SHORTEST_SECRET = 32
"""Bytes of a secret for HS256: no shorter than what HMAC-SHA256 makes of it (RFC 7518 section 3.2)."""

# Several at once are for rotation; a token without a key's name costs a try with each.
_MOST_SECRETS = 8
_MOST_API_KEYS = 64
_SECRET = re.compile(r"[\x21-\x7e]+")
_DAY_S = 24 * 3600


class Named(NamedTuple):
    """A secret and the name under which it is told from others. The name is no secret."""

    name: str
    secret: str


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """Keys, issuers and lifetimes. Where nothing is set, tokens are made with a secret of this process alone."""

    # Secrets for HS256 as `name:secret`, the name being the `kid` of tokens. The first signs, all verify: to change
    # secrets, put the new one in front, and take the old one out when its tokens have ended. The same on every node.
    secrets: tuple[str, ...] = field(default=(), repr=False)
    # `iss` and `aud` of the tokens that are signed with a secret.
    issuer: str = "parley"
    audience: str = "parley"
    # Public keys for RS256 and ES256 as a JWK Set (RFC 7517): a file, or an https URL. At most one of them.
    jwks_file: str = ""
    jwks_url: str = ""
    # `iss` and `aud` of the tokens that are verified with public keys. Empty: those above.
    jwks_issuer: str = ""
    jwks_audience: str = ""
    # Seconds between two looks at the public keys, and the fewest between two that an unknown key's name brings about.
    jwks_refresh_s: float = 300.0
    jwks_hurry_s: float = 30.0
    # Seconds for which public keys are kept that cannot be had anew. Then their tokens are refused.
    jwks_keep_s: float = 24 * 3600.0
    # Seconds in which the JWK Set must be here.
    jwks_timeout_s: float = 5.0
    # Longest life that a token may claim, in seconds; a longer one is refused. A revocation is remembered for so long.
    longest_s: int = 30 * _DAY_S
    # Keys of services that may ask for tokens and use the REST interface, as `name:key`. Empty: nobody may.
    api_keys: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        _read_all("secrets", self.secrets, _MOST_SECRETS)
        _read_all("api_keys", self.api_keys, _MOST_API_KEYS)
        if not self.issuer or not self.audience:
            raise ValueError("issuer and audience must say something: a token for anybody is a token for somebody else")
        if self.jwks_file and self.jwks_url:
            raise ValueError("jwks_file and jwks_url: say one of them")
        if self.jwks_url and not _is_safe(self.jwks_url):
            raise ValueError("jwks_url must be an https URL without a user in it (http only at this machine)")
        if not 1 <= self.jwks_hurry_s <= self.jwks_refresh_s <= self.jwks_keep_s:
            raise ValueError("jwks_hurry_s, jwks_refresh_s, jwks_keep_s: from 1 s on, each at least the one before")
        if not 0 < self.jwks_timeout_s <= 60:
            raise ValueError(f"jwks_timeout_s is {self.jwks_timeout_s}, but it must be above 0 and at most 60")
        if not 60 <= self.longest_s <= 366 * _DAY_S:
            raise ValueError(f"longest_s is {self.longest_s}, but it must be from a minute to a year")

    @property
    def named_secrets(self) -> tuple[Named, ...]:
        """The secrets, the one that signs first."""
        return _read_all("secrets", self.secrets, _MOST_SECRETS)

    @property
    def named_api_keys(self) -> tuple[Named, ...]:
        """The API keys."""
        return _read_all("api_keys", self.api_keys, _MOST_API_KEYS)

    @property
    def has_jwks(self) -> bool:
        """Whether public keys come from somewhere."""
        return bool(self.jwks_file or self.jwks_url)

    @property
    def jwks_path(self) -> Path:
        """The file of public keys, if that is where they come from."""
        return Path(self.jwks_file)


def _read_all(setting: str, texts: tuple[str, ...], most: int) -> tuple[Named, ...]:
    """Read `name:secret`s. Raises ValueError, in whose words no secret stands."""
    if len(texts) > most:
        raise ValueError(f"{setting}: at most {most} at once")
    named = []
    for place, text in enumerate(texts, 1):
        name, colon, secret = text.partition(":")
        if not colon or not is_id(name):
            raise ValueError(f"{setting}: number {place} is not NAME:SECRET; a name has 1 to 64 of A-Z a-z 0-9 - _")
        if len(secret.encode()) < SHORTEST_SECRET or not _SECRET.fullmatch(secret):
            raise ValueError(
                f"{setting}: {name!r} must have at least {SHORTEST_SECRET} printable characters, without spaces"
            )
        named.append(Named(name, secret))
    if len({each.name for each in named}) < len(named):
        raise ValueError(f"{setting}: two have the same name")
    return tuple(named)


def _is_safe(url: str) -> bool:
    """Whether keys may be fetched from there: nobody on the way can put in their own."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.username is None and parts.password is None
        return named and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname)))
    except ValueError:
        return False
