"""What the doctor says of how people reach this node's sound: the addresses they are told, and the relay."""

import ipaddress
from collections.abc import Iterator

from parley.finding import Finding
from parley.settings import Settings

PUBLISH = (
    "publish UDP 7000, and set rtc.port = 7000 and rtc.announce to the addresses at which people reach this machine"
)


def addresses(settings: Settings) -> Iterator[Finding]:
    """Look at the addresses to which browsers will be told to send."""
    rtc, name = settings.rtc, "media addresses"
    told = rtc.announce or ((rtc.host,) if rtc.host else own_addresses())
    if rtc.announce and not rtc.port:
        remedy = "set rtc.port to the UDP port that is published at them"
        yield Finding(name, "warn", f"{', '.join(told)}, but any port; nobody can publish that", remedy)
    elif any(is_public(address) for address in told):
        yield Finding(name, "ok", f"browsers send sound to {', '.join(told)}")
    else:
        where = ", ".join(told) or "this machine's loopback only"
        yield Finding(name, "ok", f"{where}: nobody on the internet reaches these; for them, {PUBLISH}")


def relay(settings: Settings) -> Iterator[Finding]:
    """Look for a TURN server."""
    door = settings.signaling
    urls = [*door.turn.urls, *(url for server in door.ice_servers for url in server.urls if url.startswith("turn"))]
    if not urls:
        yield Finding("relay (TURN)", "ok", "none; people whose networks let no UDP out will hear nothing")
    elif not any(url.startswith("turns:") or url.endswith("transport=tcp") for url in urls):
        remedy = "add the same server with ?transport=tcp to signaling.turn.urls"
        yield Finding("relay (TURN)", "warn", "over UDP only, which some networks do not let out", remedy)
    else:
        yield Finding("relay (TURN)", "ok", ", ".join(urls) + (", and no other way" if door.relay_only else ""))


def own_addresses() -> tuple[str, ...]:
    """Give this machine's addresses; none where the package that finds them is missing, which is told elsewhere."""
    try:
        from media_server.rtc.privates import host_addresses
    except ImportError:
        return ()
    return tuple(host_addresses())


def is_public(address: str) -> bool:
    """Say whether an address is one of the internet's."""
    return ipaddress.ip_address(address).is_global
