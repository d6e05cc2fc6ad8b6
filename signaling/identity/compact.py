"""A token from outside, before anything in it is believed: its size, its three parts, and its header."""

import base64
import binascii
import hashlib
import json
import re
from typing import Any, NamedTuple

from signaling.identity.token_error import TokenError
from signaling.names import is_id

LONGEST = 4096
"""Characters of a token. Ours have about 400, with an RSA signature twice as many; nothing longer is worth a look."""

ALGORITHMS = ("HS256", "RS256", "ES256")
"""All there are for us, whatever a header says (RFC 8725 section 3.1)."""

# Exactly three parts of base64url without padding (RFC 7515 section 7.1), so none detached, none of the five of a JWE.
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# What would have us fetch or believe a key that the token brings, read it in another way, or look for another token in
# it. Nobody who makes tokens for us needs any of them.
_FORBIDDEN = {"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc", "cty"}
_TYPES = {"jwt", "at+jwt"}


class Header(NamedTuple):
    """What a token says of how it was signed: which keys to try, and nothing else."""

    algorithm: str
    # None: the token names no key.
    key_id: str | None


def read_header(token: str) -> Header:
    """Read the header of a token whose signature has not been looked at.

    Raises:
        TokenError: missing, or nothing that we would ever take.
    """
    if not token:
        raise TokenError("missing")
    match = _COMPACT.fullmatch(token) if len(token) <= LONGEST else None
    if match is None:
        raise TokenError("malformed")
    header = strict_json(_decoded(match[1]))
    algorithm, key_id, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _TYPES or _FORBIDDEN & header.keys():
        raise TokenError("malformed")
    if algorithm not in ALGORITHMS:
        raise TokenError("malformed")
    if "kid" in header and not (isinstance(key_id, str) and is_key_id(key_id)):
        raise TokenError("malformed")
    return Header(algorithm, key_id)


def is_key_id(text: str) -> bool:
    """Whether this may name a key. It is looked up among names, never in a path, a query or a database."""
    return is_id(text) or _KEY_ID.fullmatch(text) is not None


# Thumbprints, UUIDs, dates and what services make of them.
_KEY_ID = re.compile(r"[A-Za-z0-9_.:=+@-]{1,128}")


def strict_json(text: bytes) -> dict[str, Any]:
    """Read one JSON object in which no member stands twice, at any depth: two readers of it could disagree.

    Raises:
        TokenError: it is none, or not UTF-8, or has NaN or Infinity in it.
    """
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise TokenError("malformed") from None
    if not isinstance(value, dict):
        raise TokenError("malformed")
    return value


def fingerprint(token: str) -> str:
    """Name a token that has no `jti`, by what was signed: a signature may have another spelling."""
    signed = token.rpartition(".")[0]
    return "f-" + hashlib.sha256(signed.encode("ascii")).hexdigest()[:40]


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise TokenError("malformed") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member stands twice")
    return members


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")
