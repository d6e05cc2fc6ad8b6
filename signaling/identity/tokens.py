"""Tokens: who may come into which room. JSON Web Tokens (RFC 7519), read as RFC 8725 advises."""

import secrets
import time

import jwt

from signaling.identity.grant import Grant, Identity
from signaling.names import is_id
from signaling.settings import SignalingSettings

ISSUER = "parley"
AUDIENCE = "parley"
ALGORITHM = "HS256"
SECRET_BYTES = 32
# Ours have about 250 characters; nothing longer is worth a look.
MAX_LENGTH = 2048

_REQUIRED = ["exp", "nbf", "sub", "iss", "aud", "room"]


class TokenError(Exception):
    """A token that opens nothing; `reason` is a short word for close frames and metrics."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"token {self.reason}"


class Tokens:
    """Issues and verifies tokens with `token_secret`, or with a secret of this process: then all end with it."""

    def __init__(self, settings: SignalingSettings, *, secret: bytes | None = None) -> None:
        if secret is not None and len(secret) < SECRET_BYTES:
            raise ValueError(f"a token secret has at least {SECRET_BYTES} bytes")
        self._settings = settings
        self._secret = secret or settings.token_secret.encode() or secrets.token_bytes(SECRET_BYTES)
        self._jwt = jwt.PyJWT(
            options={"require": _REQUIRED, "strict_aud": True, "enforce_minimum_key_length": True},
        )

    def issue(self, room_id: str, participant_id: str | None = None, *, lifetime_s: int | None = None) -> str:
        """Give a token for one room; a participant id that nobody has yet is made up if none is given."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": participant_id or f"p-{secrets.token_hex(8)}",
            "room": room_id,
            "nbf": now,
            "exp": now + (self._settings.token_lifetime_s if lifetime_s is None else lifetime_s),
        }
        return self._jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def issue_resume(self, grant: Grant) -> str:
        """Give a token with which this participant may come back after a lost connection."""
        return self.issue(grant.room_id, grant.participant_id, lifetime_s=self._settings.resume_lifetime_s)

    def verify(self, token: str, room_id: str) -> Grant:
        """Read a token for a room.

        Raises:
            TokenError: missing, malformed, expired, not ours, or for another room.
        """
        claims = self._claims(token)
        subject, room = claims["sub"], claims["room"]
        if not isinstance(subject, str) or not is_id(subject) or not isinstance(room, str) or not is_id(room):
            raise TokenError("malformed")
        if room != room_id:
            raise TokenError("for another room")
        return Grant(identity=Identity(subject, room))

    def _claims(self, token: str) -> dict[str, object]:
        if not token:
            raise TokenError("missing")
        if len(token) > MAX_LENGTH:
            raise TokenError("malformed")
        try:
            return self._jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                leeway=self._settings.token_leeway_s,
            )
        except jwt.ExpiredSignatureError:
            raise TokenError("expired") from None
        except jwt.ImmatureSignatureError:
            raise TokenError("not valid yet") from None
        except jwt.InvalidSignatureError:
            raise TokenError("not signed here") from None
        except jwt.PyJWTError:
            raise TokenError("malformed") from None
