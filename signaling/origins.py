"""Where a request comes from: the page's own origin, another page, or this very machine."""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def is_allowed(origin: str | None, host: str, allowed: Collection[str]) -> bool:
    """Whether a browser's Origin header (RFC 6454) may open sockets and post here.

    Without the header it is no browser's cross-site request. The scheme is not compared with ours, since TLS may end
    at a proxy before us; host and port are.
    """
    if origin is None or origin in allowed:
        return True
    try:
        parts = urlsplit(origin)
        default = _DEFAULT_PORTS.get(parts.scheme)
        if default is None or parts.hostname is None:
            return False
        own = urlsplit(f"//{host}")
        return (parts.hostname, parts.port or default) == (own.hostname, own.port or default)
    except ValueError:
        return False


def is_loopback(address: str | None) -> bool:
    """Whether a host name or IP address can only be this machine."""
    if address is None:
        return False
    if address.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.split("%")[0]).is_loopback
    except ValueError:
        return False


def is_this_machine(*, local: str | None, host: str, headers: Collection[str]) -> bool:
    """Whether a request was made by somebody at this machine, to this machine.

    Args:
        local: the address of our end of the connection.
        host: the Host header. A foreign name that was rebound to 127.0.0.1 is not us.
        headers: names of the request's headers. What a proxy passed on may come from anywhere.
    """
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    forwarded = {name.lower() for name in headers} & {name.lower() for name in _FORWARDED}
    return is_loopback(local) and is_loopback(name) and not forwarded
