"""What people copy from their browser: a room's link, or a server's address."""

from typing import NamedTuple

from yarl import URL

from parley.client.address import Address

_ROOM = "r"


class Link(NamedTuple):
    """A server, and perhaps a room of it."""

    # Without the room: what `parley.client` takes.
    url: str
    room: str | None = None
    # An invitation's.
    token: str | None = None


def read_link(text: str) -> Link:
    """Read `https://host/r/room`, with an invitation's `?token=` or without, or `https://host`.

    Raises:
        ValueError: it is neither.
    """
    text = text.strip()
    if "://" not in text:
        raise ValueError(
            f"{text!r} is no link: it begins with http:// or https://, as http://127.0.0.1:8080/r/demo does"
        )
    Address(text)
    given = URL(text)
    parts = [part for part in given.parts if part not in ("", "/")]
    if len(parts) >= 2 and parts[-2] == _ROOM:
        base = given.with_path("/" + "/".join(parts[:-2]))
        return Link(_plain(base), parts[-1], given.query.get("token") or None)
    return Link(_plain(given))


def _plain(url: URL) -> str:
    return str(url.with_query(None).with_fragment(None)).rstrip("/")
