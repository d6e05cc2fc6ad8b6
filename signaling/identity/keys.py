"""The keys by which tokens are verified, each bound to its algorithm and to who signs with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from signaling.identity.compact import Header
from signaling.identity.token_error import UnknownKeyError

PublicKey = RSAPublicKey | EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Key:
    """One key. Whether it is for HS256, RS256 or ES256 is decided here, not by a token (RFC 8725 section 3.1)."""

    # The `kid` of its tokens; empty: none.
    name: str
    algorithm: str
    material: bytes | PublicKey = field(repr=False)
    # `iss` and `aud` of its tokens: a key of one issuer proves nothing about another's.
    issuer: str
    audience: str


class Keys:
    """Finds the keys that a token may have been signed with."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = tuple(keys)

    def candidates(self, header: Header) -> Sequence[Key]:
        """Give the keys of the header's algorithm that it names; all of that algorithm if it names none.

        Raises:
            UnknownKeyError: there is none.
        """
        found = [
            key for key in self._keys if key.algorithm == header.algorithm and header.key_id in (None, key.name or None)
        ]
        if not found:
            raise UnknownKeyError(header.algorithm)
        return found
