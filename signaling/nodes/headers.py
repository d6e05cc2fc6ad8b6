"""Which headers go along when a request or an answer is passed on (RFC 9110 section 7.6.1). Pure."""

from collections.abc import Mapping

from multidict import CIMultiDict, MultiMapping

from signaling.nodes.proof import HEADER

# Of one connection each, not of what travels over it; `Expect` has been answered by then.
_HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
}
_HANDSHAKE = "sec-websocket-"


def passed_on(headers: MultiMapping[str], added: Mapping[str, str] | None = None) -> CIMultiDict[str]:
    """Give those that go along: neither the connection's own, nor a WebSocket's handshake, nor what nodes prove."""
    named = {name.strip().lower() for value in headers.getall("Connection", []) for name in value.split(",")}
    stopped = _HOP_BY_HOP | named | {HEADER.lower()}
    kept = CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if name.lower() not in stopped and not name.lower().startswith(_HANDSHAKE)
    )
    kept.update(added or {})
    return kept
