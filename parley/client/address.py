"""Where a server's parts are, from the one address that people know."""

from yarl import URL

_SECURE = {"https", "wss"}
_PLAIN = {"http", "ws"}


class Address:
    """A server, as `https://parley.example.org`; a path that a proxy puts in front is kept.

    Raises:
        ValueError: it is not such an address.
    """

    def __init__(self, url: str) -> None:
        given = URL(url)
        if given.scheme not in _SECURE | _PLAIN or not given.host:
            raise ValueError(f"{url!r} is no address of a server: use one like https://parley.example.org")
        self._base = given.with_query(None).with_fragment(None)
        self._secure = given.scheme in _SECURE

    def socket(self, kind: str, room: str) -> URL:
        """Give where a room's `signaling`, `captions` or `audio` socket is."""
        return self._at("ws", "wss") / "ws" / kind / room

    def page(self, path: str) -> URL:
        """Give where a path of the REST interface is, or of the probes."""
        return self._at("http", "https").joinpath(*path.strip("/").split("/"))

    def _at(self, plain: str, secure: str) -> URL:
        return self._base.with_scheme(secure if self._secure else plain)
