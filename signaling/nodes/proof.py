"""How nodes know each other's requests: a header that only they can make. Pure.

It says which node asks, when, and for whom (the client's address), and is bound to one method, path and room's owner by
a keyed hash. Without a good one a request is anybody's, and what it says about itself counts for nothing.
"""

import hashlib
import hmac
from typing import NamedTuple

HEADER = "X-Parley-Node"
"""Set by nodes only; a client's own is never passed on."""

# Seconds by which the clocks of two nodes may differ, and for which a header that was overheard is good for the same
# request again. Whoever can overhear it sees the token beside it as well.
_LEEWAY_S = 60.0


class Passed(NamedTuple):
    """What a node says of a request that it passes on."""

    node_id: str
    # Epoch seconds.
    at: float
    # The client's address, empty if it has none.
    address: str


def node_key(secret: str, token_secret: str) -> bytes:
    """Make the key that all nodes have: of their own secret, or of the one for tokens."""
    if secret:
        return secret.encode()
    return hmac.new(token_secret.encode(), b"parley nodes", hashlib.sha256).digest()


def prove(key: bytes, passed: Passed, method: str, target: str) -> str:
    """Write the header for a request; `target` is its path with the query."""
    said = f"{passed.node_id};{passed.at:.3f};{passed.address}"
    return f"{said};{_digest(key, said, method, target)}"


def proven(key: bytes, header: str, method: str, target: str, now: float) -> Passed | None:
    """Read the header of a request; None if no node made it for this request, lately. `now` is epoch seconds."""
    said, _, digest = header.rpartition(";")
    if len(header) > 1_024 or not hmac.compare_digest(digest.encode(), _digest(key, said, method, target).encode()):
        return None
    node_id, at, address = said.split(";")
    passed = Passed(node_id, float(at), address)
    return passed if abs(now - passed.at) <= _LEEWAY_S else None


def _digest(key: bytes, said: str, method: str, target: str) -> str:
    return hmac.new(key, "\n".join((said, method, target)).encode(), hashlib.sha256).hexdigest()
