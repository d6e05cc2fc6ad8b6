"""API keys: with which services ask the REST interface, and people's browsers never do."""

import hashlib
import hmac

import msgspec
from aiohttp import web

from signaling.identity.settings import Named

_SCHEME = "bearer "


class ApiKeys:
    """Named keys, several at once for rotation. Their digests are kept, not they themselves."""

    def __init__(self, keys: tuple[Named, ...]) -> None:
        self._digests = [(key.name, _digest(key.secret)) for key in keys]

    def __bool__(self) -> bool:
        return bool(self._digests)

    def name_of(self, key: str) -> str | None:
        """Give the name under which a key is known. How long that takes tells nothing about any key."""
        asked = _digest(key)
        found = None
        for name, digest in self._digests:
            if hmac.compare_digest(asked, digest):
                found = name
        return found

    def verify(self, request: web.Request) -> str:
        """Require a key, as `Authorization: Bearer ...` or `X-Api-Key: ...`, and give its name.

        Raises:
            HTTPUnauthorized: there is none, or it is not one of ours.
        """
        key = _key_in(request)
        name = self.name_of(key) if key else None
        if name is None:
            raise _refusal("no API key is set here: signaling.tokens.api_keys" if not self else _WANTED)
        return name


_WANTED = "this needs an API key, as `Authorization: Bearer ...` or `X-Api-Key: ...`"


def _key_in(request: web.Request) -> str:
    """Give the key that a request shows. One in the query would stand in logs, so it is not looked for there."""
    if "X-Api-Key" in request.headers:
        return request.headers["X-Api-Key"].strip()
    authorization = request.headers.get("Authorization", "")
    return authorization[len(_SCHEME) :].strip() if authorization.lower().startswith(_SCHEME) else ""


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _refusal(message: str) -> web.HTTPUnauthorized:
    body = msgspec.json.encode({"error": {"code": "api_key_needed", "message": message}})
    headers = {"WWW-Authenticate": 'Bearer realm="parley"', "Cache-Control": "no-store"}
    return web.HTTPUnauthorized(text=body.decode(), content_type="application/json", headers=headers)
