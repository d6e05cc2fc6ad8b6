"""Tokens: who may come into which room. JSON Web Tokens (RFC 7519), read as RFC 8725 advises."""

import secrets
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import jwt
import msgspec
from jwt.algorithms import HMACAlgorithm
from prometheus_client import Counter

from signaling.identity.claims import claims_of, grant_of, moment
from signaling.identity.compact import fingerprint, read_header, strict_json
from signaling.identity.grant import Grant, Identity
from signaling.identity.jwks_source import JwksSource
from signaling.identity.keys import Key, Keys
from signaling.identity.revocations import Revocations
from signaling.identity.settings import SHORTEST_SECRET
from signaling.identity.token_error import TokenError as TokenError
from signaling.identity.token_error import UnknownKeyError
from signaling.settings import SignalingSettings

SECRET_BYTES = SHORTEST_SECRET
ALGORITHM = "HS256"
REFUSED = Counter("parley_tokens_refused_total", "Tokens that opened nothing", ["reason"])

# `iss` and `aud` are checked by the key with which a token was signed.
_REQUIRED = ["exp", "nbf", "sub", "iss", "aud"]


def new_participant_id() -> str:
    """Make up an id that nobody has yet."""
    return f"p-{secrets.token_hex(8)}"


class Issued(NamedTuple):
    """A token and what it says of its times, in epoch seconds."""

    token: str
    token_id: str
    # Until when one may come in with it; at which the visit ends.
    expires_at: int
    ends_at: int


class _StrictJwt(jwt.PyJWT):
    """PyJWT, which takes the last of two equal members; here that is no token."""

    def _decode_payload(self, decoded: dict[str, Any]) -> dict[str, Any]:
        return strict_json(decoded["payload"])


class Tokens:
    """Issues and verifies tokens with the secrets that are set, or with one of this process: then all end with it.

    Public keys, if any are set, are those of `source`, which must be open; tokens signed with them are verified only.
    """

    def __init__(
        self,
        settings: SignalingSettings,
        *,
        secret: bytes | None = None,
        source: JwksSource | None = None,
        revocations: Revocations | None = None,
    ) -> None:
        """With `secret`, only this one counts.

        Raises:
            ValueError: a secret is too short, or is no secret but a public key.
        """
        self._settings = settings
        named = _named_secrets(settings, secret)
        # The one that signs, and all by which is verified.
        self._signer = named[0]
        issuer, audience = settings.tokens.issuer, settings.tokens.audience
        self._secrets = tuple(Key(name, ALGORITHM, material, issuer, audience) for name, material in named)
        self._source = source or JwksSource(settings.tokens)
        self._revocations = revocations or Revocations()
        self._jwt = _StrictJwt(
            options={"require": _REQUIRED, "strict_aud": True, "enforce_minimum_key_length": True},
        )

    # Issuing.

    def issue(self, room_id: str, participant_id: str | None = None, *, lifetime_s: int | None = None) -> str:
        """Give a speaker's token for one room; a participant id that nobody has yet is made up if none is given."""
        identity = Identity(participant_id or new_participant_id(), room_id)
        return self.issue_for(Grant(identity=identity), lifetime_s=lifetime_s)

    def issue_for(self, grant: Grant, *, lifetime_s: int | None = None) -> str:
        """Give a token that says what a grant says; see `mint`."""
        return self.mint(grant, lifetime_s=lifetime_s).token

    def mint(self, grant: Grant, *, lifetime_s: int | None = None) -> Issued:
        """Make a token of a grant, whose own token's ids do not matter.

        Args:
            grant: `expires_at` is when the visit is to end; None: `resume_lifetime_s` from now.
            lifetime_s: seconds in which one must come in; None: `token_lifetime_s`.
        """
        now = int(time.time())
        expires_at = now + (self._settings.token_lifetime_s if lifetime_s is None else lifetime_s)
        if grant.expires_at is None:
            ends_at = max(expires_at, now + self._settings.resume_lifetime_s)
        else:
            ends_at = int(grant.expires_at)
        return self._sign(grant, expires_at=min(expires_at, ends_at), ends_at=ends_at, as_origin=True)

    def issue_resume(self, grant: Grant) -> str:
        """Give a token with which this participant may come back after a lost connection.

        It ends with the grant, with the token that the visit began with if that is revoked, and gives no more.
        """
        now = int(time.time())
        longest = now + self._settings.resume_lifetime_s
        ends_at = longest if grant.expires_at is None else int(grant.expires_at)
        return self._sign(grant, expires_at=min(longest, ends_at), ends_at=ends_at, as_origin=False).token

    def _sign(self, grant: Grant, *, expires_at: int, ends_at: int, as_origin: bool) -> Issued:
        key_id, secret = self._signer
        token_id = secrets.token_urlsafe(12)
        claims = {
            **claims_of(msgspec.structs.replace(grant, expires_at=ends_at), as_origin=as_origin),
            "iss": self._settings.tokens.issuer,
            "aud": self._settings.tokens.audience,
            "jti": token_id,
            "nbf": int(time.time()),
            "exp": expires_at,
        }
        token = self._jwt.encode(claims, secret, algorithm=ALGORITHM, headers={"kid": key_id} if key_id else None)
        return Issued(token, token_id, expires_at, ends_at)

    # Verifying.

    def verify(self, token: str, room_id: str) -> Grant:
        """Read a token for a room, by the keys that are here.

        Raises:
            TokenError: missing, malformed, expired, revoked, not ours, or for another room.
        """
        try:
            return self._verify(token, room_id)
        except TokenError as error:
            REFUSED.labels(error.reason).inc()
            raise

    async def check(self, token: str, room_id: str) -> Grant:
        """Read a token for a room; where its public key is not here, look for it first, if that was not done just now.

        Raises:
            TokenError: as `verify`.
        """
        try:
            return self.verify(token, room_id)
        except UnknownKeyError as error:
            if error.algorithm == ALGORITHM or not await self._source.hurry():
                raise
        return self.verify(token, room_id)

    def _verify(self, token: str, room_id: str) -> Grant:
        header = read_header(token)
        claims = self._claims(token, Keys((*self._secrets, *self._source.keys)).candidates(header))
        grant = grant_of(claims, fingerprint(token))
        now, leeway = time.time(), self._settings.token_leeway_s
        if max(moment(claims["exp"]), grant.expires_at or 0.0) > now + self._settings.tokens.longest_s + leeway:
            raise TokenError("valid for too long")
        if grant.expires_at is not None and grant.expires_at <= now - leeway:
            raise TokenError("expired")
        if grant.room_id != room_id:
            raise TokenError("for another room")
        if self._revocations.ends(grant):
            raise TokenError("revoked")
        return grant

    def _claims(self, token: str, candidates: Sequence[Key]) -> dict[str, Any]:
        """Give the claims, by the first key that signed them."""
        for key in candidates:
            try:
                return self._jwt.decode(
                    token,
                    key.material,
                    algorithms=[key.algorithm],
                    issuer=key.issuer,
                    audience=key.audience,
                    leeway=self._settings.token_leeway_s,
                )
            except jwt.InvalidSignatureError:
                continue
            except jwt.ExpiredSignatureError:
                raise TokenError("expired") from None
            except jwt.ImmatureSignatureError:
                raise TokenError("not valid yet") from None
            except (jwt.InvalidIssuerError, jwt.InvalidAudienceError):
                raise TokenError("of another issuer or for another audience") from None
            except (jwt.PyJWTError, OverflowError):
                raise TokenError("malformed") from None
        raise TokenError("not signed here")


def _named_secrets(settings: SignalingSettings, secret: bytes | None) -> list[tuple[str, bytes]]:
    """Give the secrets by name, the one that signs first; a made-up one if none is set."""
    named = [] if secret else [(each.name, each.secret.encode()) for each in settings.tokens.named_secrets]
    unnamed = secret or settings.token_secret.encode()
    if unnamed or not named:
        named.append(("", unnamed or secrets.token_bytes(SECRET_BYTES)))
    for _, material in named:
        if len(material) < SECRET_BYTES:
            raise ValueError(f"a token secret has at least {SECRET_BYTES} bytes")
        _require_no_public_key(material)
    return named


def _require_no_public_key(material: bytes) -> None:
    """Refuse what everybody may know as a secret: with it everybody could sign."""
    try:
        HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(material)
    except jwt.InvalidKeyError:
        raise ValueError(
            "a token secret is no PEM file, certificate or JWK: `openssl rand -hex 32` makes one"
        ) from None
