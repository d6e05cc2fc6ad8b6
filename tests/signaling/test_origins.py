"""Where requests come from."""

import pytest

from signaling.origins import is_allowed, is_loopback, is_this_machine


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (None, "example.org"),
        ("http://example.org", "example.org"),
        ("https://example.org", "example.org"),
        ("https://example.org", "example.org:443"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("https://app.example.org", "example.org"),
    ],
)
def test_our_own_page_may_come_in(origin: str | None, host: str) -> None:
    """The page's own origin, one on the list, and clients that are no browsers."""
    assert is_allowed(origin, host, ["https://app.example.org"])


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("null", "example.org"),
        ("", "example.org"),
        ("https://evil.org", "example.org"),
        ("https://example.org.evil.org", "example.org"),
        ("https://example.org:8443", "example.org"),
        ("http://localhost:8080", "127.0.0.1:8080"),
        ("file://", "example.org"),
        ("https://[bad", "example.org"),
        ("https://example.org:99999999", "example.org"),
        ("http://app.example.org", "example.org"),
    ],
)
def test_other_sites_may_not(origin: str, host: str) -> None:
    """Another host, another port, no host at all, or one that only looks like ours."""
    assert not is_allowed(origin, host, ["https://app.example.org"])


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST"])
def test_addresses_of_this_machine(address: str) -> None:
    """All of 127.0.0.0/8, ::1 and localhost."""
    assert is_loopback(address)


@pytest.mark.parametrize("address", [None, "", "10.0.0.1", "192.0.2.1", "::", "localhost.evil.org", "fe80::1%eth0"])
def test_addresses_of_others(address: str | None) -> None:
    """Whatever else can be reached from elsewhere."""
    assert not is_loopback(address)


def test_somebody_at_this_machine() -> None:
    """Our end is the loopback, and the address bar says so."""
    assert is_this_machine(local="127.0.0.1", host="localhost:8080", headers=["Host", "Accept"])


@pytest.mark.parametrize(
    ("local", "host", "headers"),
    [
        ("192.0.2.1", "localhost:8080", []),
        (None, "localhost:8080", []),
        ("127.0.0.1", "rebound.evil.org:8080", []),
        ("127.0.0.1", "[bad", []),
        ("127.0.0.1", "localhost", ["x-forwarded-for"]),
        ("127.0.0.1", "localhost", ["Forwarded"]),
    ],
)
def test_somebody_elsewhere(local: str | None, host: str, headers: list[str]) -> None:
    """Another network, a name rebound to us, or a proxy in between."""
    assert not is_this_machine(local=local, host=host, headers=headers)
