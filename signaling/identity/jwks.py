"""A JWK Set (RFC 7517), read: the public keys in it with which we verify."""

from collections.abc import Iterator, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from signaling.identity.compact import is_key_id, strict_json
from signaling.identity.keys import Key, PublicKey
from signaling.identity.token_error import TokenError

LARGEST = 256 * 1024
"""Bytes of a JWK Set; large identity providers have about 10 KiB."""

# Keys of a set that are looked at: a token that names none costs a try with each.
_MOST_KEYS = 32
# Bits: shorter ones can be broken (NIST SP 800-131A), much longer ones are slow to verify with.
_RSA_BITS = range(2048, 8192 + 1)


class JwksError(Exception):
    """This is no JWK Set, or none with a key that we could use."""


def read_jwks(document: bytes, *, issuer: str, audience: str) -> tuple[Key, ...]:
    """Read the RSA and P-256 public keys of a set. Other keys in it are passed over: secrets and private keys too.

    Raises:
        JwksError: there is none.
    """
    if len(document) > LARGEST:
        raise JwksError(f"it is larger than {LARGEST // 1024} KiB")
    try:
        members = strict_json(document).get("keys")
    except TokenError:
        raise JwksError("it is not one JSON object") from None
    if not isinstance(members, list):
        raise JwksError('it has no list of "keys"')
    keys = tuple(
        Key(str(member.get("kid", "")), algorithm, key, issuer, audience)
        for member in members[:_MOST_KEYS]
        if isinstance(member, dict)
        for algorithm, key in _usable(member)
    )
    if not keys:
        raise JwksError("none of its keys is a public one for RS256 (2048 bits and more) or ES256")
    return keys


def _usable(member: Mapping[str, Any]) -> Iterator[tuple[str, PublicKey]]:
    """Give the algorithm and the key of one member, if it is one for us."""
    key_id = member.get("kid", "")
    operations = member.get("key_ops", ["verify"])
    if not isinstance(key_id, str) or (key_id and not is_key_id(key_id)):
        return
    if member.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return
    algorithm = {"RSA": "RS256", "EC": "ES256"}.get(str(member.get("kty")))
    if algorithm is None or member.get("alg", algorithm) != algorithm:
        return
    try:
        read = RSAAlgorithm.from_jwk(dict(member)) if algorithm == "RS256" else ECAlgorithm.from_jwk(dict(member))
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return
    # A private key in public is nobody's any more, so it is none of these.
    if isinstance(read, RSAPublicKey) and read.key_size in _RSA_BITS:
        yield algorithm, read
    if isinstance(read, EllipticCurvePublicKey) and isinstance(read.curve, SECP256R1):
        yield algorithm, read
