"""A JWK Set, read."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, RSAAlgorithm

from signaling.identity.jwks import LARGEST, JwksError, read_jwks
from signaling.identity.keys import Key
from tests.signaling.identity.signers import SECRET, ec_key, jwk, jwk_set, rsa_key

RSA = jwk(rsa_key(), "rsa-1")


def read(document: bytes) -> tuple[Key, ...]:
    return read_jwks(document, issuer="https://id.example.org", audience="rooms")


def test_public_keys_for_signatures_are_read() -> None:
    """RSA and P-256, named or not, each bound to its algorithm and its issuer."""
    ec_member = jwk(ec_key(), None, use="sig", alg="ES256", key_ops=["verify"])
    rsa, elliptic = read(jwk_set({**RSA, "x5t": "abc", "use": "sig"}, ec_member))
    assert (rsa.name, rsa.algorithm, rsa.material) == ("rsa-1", "RS256", rsa_key().public_key())
    assert (elliptic.name, elliptic.algorithm, elliptic.material) == ("", "ES256", ec_key().public_key())
    assert (rsa.issuer, rsa.audience) == ("https://id.example.org", "rooms")


@pytest.mark.parametrize(
    "member",
    [
        pytest.param({**RSA, "use": "enc"}, id="for encryption"),
        pytest.param({**RSA, "alg": "PS256"}, id="for another algorithm"),
        pytest.param({**RSA, "alg": "HS256"}, id="for HMAC"),
        pytest.param({**RSA, "key_ops": ["sign"]}, id="to sign with"),
        pytest.param({**RSA, "key_ops": "verify"}, id="operations as a text"),
        pytest.param({**RSA, "kid": 7}, id="named by a number"),
        pytest.param({**RSA, "kid": "../x"}, id="named by a path"),
        pytest.param({**RSA, "n": "!!"}, id="no number"),
        pytest.param({**RSA, "n": 7}, id="a number that is none"),
        pytest.param({"kty": "RSA", "kid": "rsa-1"}, id="empty"),
        pytest.param({"kty": ["RSA"]}, id="of no type"),
        pytest.param("RSA", id="a text"),
        pytest.param(jwk(rsa_key("short", 1024), "short"), id="RSA of 1024 bits"),
        pytest.param(jwk(ec_key("long", ec.SECP384R1), "long"), id="P-384"),
        pytest.param(dict(HMACAlgorithm.to_jwk(SECRET, as_dict=True)), id="a secret"),
        pytest.param({**RSAAlgorithm.to_jwk(rsa_key(), as_dict=True), "key_ops": ["verify"]}, id="a private RSA key"),
        pytest.param({**ECAlgorithm.to_jwk(ec_key(), as_dict=True), "key_ops": ["verify"]}, id="a private EC key"),
    ],
)
def test_other_keys_are_passed_over(member: Any) -> None:
    """They do not keep the good one from being used; alone they are no set."""
    assert [key.name for key in read(jwk_set(member, jwk(ec_key(), "good")))] == ["good"]
    with pytest.raises(JwksError, match="none of its keys"):
        read(jwk_set(member))


@pytest.mark.parametrize(
    "document",
    [b"", b"<html>", b"[]", b'{"keys": {}}', b'{"keys": []}', b'{"keys": null}', b"\xff", b'{"keys": [], "keys": []}'],
)
def test_what_is_no_set(document: bytes) -> None:
    """A page that says something else, or nothing."""
    with pytest.raises(JwksError):
        read(document)


def test_a_set_beyond_measure_is_not_looked_at() -> None:
    """Whoever serves it does not fill our memory."""
    with pytest.raises(JwksError, match="larger than 256 KiB"):
        read(b" " * (LARGEST + 1))


def test_of_many_keys_the_first_ones_are_used() -> None:
    """A token that names none would cost a try with each."""
    assert len(read(jwk_set(*[{**RSA, "kid": f"k-{number}"} for number in range(100)]))) == 32
