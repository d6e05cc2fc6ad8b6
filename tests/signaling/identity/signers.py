"""Keys of services that make tokens, and tokens as they, and people who mean ill, would make them."""

import base64
import hashlib
import hmac
import json
import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

SECRET = b"s" * 32


@cache
def rsa_key(name: str = "theirs", bits: int = 2048) -> rsa.RSAPrivateKey:
    """Give an RSA key; another name, another key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str = "theirs", curve: type[ec.EllipticCurve] = ec.SECP256R1) -> ec.EllipticCurvePrivateKey:
    """Give a key for ECDSA; another name, another key."""
    return ec.generate_private_key(curve())


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """Give the public half as everybody may have it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, key_id: str | None, **more: object) -> dict[str, Any]:
    """Give the public half as a member of a JWK Set."""
    if isinstance(key, rsa.RSAPrivateKey):
        member = dict(RSAAlgorithm.to_jwk(key.public_key(), as_dict=True))
    else:
        member = dict(ECAlgorithm.to_jwk(key.public_key(), as_dict=True))
    member.pop("key_ops", None)  # which says that it may verify; not everybody says so
    return {**member, **({} if key_id is None else {"kid": key_id}), **more}


def jwk_set(*members: object) -> bytes:
    """Give a JWK Set."""
    return json.dumps({"keys": members}).encode()


def claims(**changes: object) -> dict[str, Any]:
    """Give good claims with some changed; None takes one away. They are good for an hour: tests may run late."""
    now = int(time.time())
    good: dict[str, object] = {
        "iss": "parley",
        "aud": "parley",
        "sub": "p-1",
        "room": "demo",
        "nbf": now - 1,
        "exp": now + 3600,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(
    key: Any = SECRET, algorithm: str = "HS256", *, headers: dict[str, Any] | None = None, **changes: object
) -> str:
    """Give a token as a service would make it, with claims changed."""
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)


def part(value: object) -> str:
    """Write a part of a token; bytes as they are."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(header: object, payload: object | None = None, key: bytes = SECRET) -> str:
    """Give a token with any header and payload, with a good HMAC-SHA256 of this key over them."""
    body = f"{part(header)}.{part(claims() if payload is None else payload)}"
    return f"{body}.{part(hmac.new(key, body.encode(), hashlib.sha256).digest())}"


def unsigned(algorithm: object) -> str:
    """Give a token without a signature."""
    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}."


def spoilt(token: str, place: int = 1) -> str:
    """Change one letter of a part: 0 header, 1 payload, 2 signature."""
    parts = token.split(".")
    letter = parts[place][3]
    parts[place] = parts[place][:3] + ("f" if letter != "f" else "e") + parts[place][4:]
    return ".".join(parts)
