"""Which headers go along."""

from multidict import CIMultiDict

from signaling.nodes.headers import passed_on


def test_what_is_the_connections_own_stays_here() -> None:
    """Also what its Connection header names, a WebSocket's handshake, and what only nodes may say."""
    headers = CIMultiDict(
        [
            ("Connection", "Upgrade, X-Mine"),
            ("Upgrade", "websocket"),
            ("X-Mine", "1"),
            ("Transfer-Encoding", "chunked"),
            ("TE", "trailers"),
            ("Keep-Alive", "timeout=5"),
            ("Proxy-Authorization", "Basic eA=="),
            ("Expect", "100-continue"),
            ("Sec-WebSocket-Key", "abc"),
            ("Sec-WebSocket-Extensions", "permessage-deflate"),
            ("x-parley-node", "one;1;127.0.0.1;00"),
            ("Host", "parley.example.org"),
            ("Origin", "https://parley.example.org"),
            ("Accept-Language", "es"),
        ]
    )
    kept = passed_on(headers, {"X-Parley-Node": "ours"})
    assert dict(kept) == {
        "Host": "parley.example.org",
        "Origin": "https://parley.example.org",
        "Accept-Language": "es",
        "X-Parley-Node": "ours",
    }


def test_what_comes_several_times_goes_several_times() -> None:
    """As X-Forwarded-For may; what is added takes the place of what was there."""
    headers = CIMultiDict([("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "192.0.2.2"), ("Host", "a")])
    kept = passed_on(headers, {"Host": "b"})
    assert kept.getall("X-Forwarded-For") == ["192.0.2.1", "192.0.2.2"]
    assert kept.getall("Host") == ["b"]
