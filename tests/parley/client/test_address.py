"""Addresses: from what people know to where the sockets are."""

import pytest

from parley.client.address import Address


@pytest.mark.parametrize(
    ("url", "socket", "page"),
    [
        ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/ws/audio/hall", "http://127.0.0.1:8080/api/v1/rooms"),
        (
            "https://parley.example.org/",
            "wss://parley.example.org/ws/audio/hall",
            "https://parley.example.org/api/v1/rooms",
        ),
        ("wss://example.org/talk?x=1", "wss://example.org/talk/ws/audio/hall", "https://example.org/talk/api/v1/rooms"),
    ],
)
def test_sockets_and_pages_are_found(url: str, socket: str, page: str) -> None:
    """The scheme, the port and what a proxy puts in front are kept; a query is not."""
    address = Address(url)
    assert str(address.socket("audio", "hall")) == socket
    assert str(address.page("api/v1/rooms")) == page


@pytest.mark.parametrize("url", ["", "parley.example.org", "ftp://example.org", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """The error says what one looks like."""
    with pytest.raises(ValueError, match="https://"):
        Address(url)
