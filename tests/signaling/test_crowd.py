"""What an address and an identity may take up at most."""

from unittest import mock

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from signaling import crowd
from signaling.crowd import Crowd, Rates
from signaling.identity.grant import Identity
from signaling.settings import SignalingSettings

ADA, BEA = Identity("ada", "demo"), Identity("bea", "demo")


def request(address: str = "192.0.2.1", **headers: str) -> web.Request:
    """Give a request from an address."""
    transport = mock.Mock()
    transport.get_extra_info = lambda name, default=None: (address, 4711) if name == "peername" else default
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("GET", "/api/v1/rooms", headers=named, transport=transport)


class Socket:
    """As far as the crowd knows one."""

    closed = False


def socket() -> web.WebSocketResponse:
    return Socket()  # type: ignore[return-value]


def test_rates_are_each_ones_own() -> None:
    """So many at once, then a wait that is told."""
    rates = Rates(0.1, 3)
    assert [rates.wait_s("a") for _ in range(3)] == [0.0] * 3
    assert 9 < rates.wait_s("a") <= 10
    assert rates.wait_s("b") == 0.0


def test_rates_of_those_who_came_longest_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is room for so many."""
    monkeypatch.setattr(crowd, "_KEPT", 2)
    rates = Rates(0.01, 1)
    assert [rates.wait_s(key) == 0.0 for key in "ababcaa"] == [True, True, False, False, True, True, False]


def test_an_address_has_so_many_sockets() -> None:
    """Those that are open at once; the next address has its own, and this machine has no limit."""
    them = Crowd(SignalingSettings(sockets_per_address=1))
    with them.socket_of(request()) as first, them.socket_of(request()) as second:
        assert (first, second) == (True, False)
        with them.socket_of(request("192.0.2.2")) as other:
            assert other
        with them.socket_of(request("127.0.0.1")) as here, them.socket_of(request("127.0.0.1")) as too:
            assert here
            assert too
    with them.socket_of(request()) as again:
        assert again


def test_behind_a_proxy_each_client_has_their_own() -> None:
    """By what the proxy tells of them."""
    them = Crowd(SignalingSettings(sockets_per_address=1, trusted_proxies=("10.0.0.1",)))
    ada, bea = (request("10.0.0.1", X_Forwarded_For=f"198.51.100.{n}") for n in (1, 2))
    with them.socket_of(ada) as first, them.socket_of(ada) as second, them.socket_of(bea) as other:
        assert (first, second, other) == (True, False, True)


def test_an_identity_has_so_many_sockets() -> None:
    """Of one room; what is released makes room."""
    them = Crowd(SignalingSettings(sockets_per_identity=2))
    first = socket()
    assert them.claims(ADA, first)
    assert them.claims(ADA, socket())
    assert not them.claims(ADA, socket())
    assert them.claims(BEA, socket())
    them.releases(first)
    them.releases(first)
    assert them.claims(ADA, socket())


def test_a_socket_that_is_being_closed_does_not_count() -> None:
    """A dead one takes seconds to be gone, and who comes back must not wait for it."""
    them = Crowd(SignalingSettings(sockets_per_identity=1))
    dead = socket()
    assert them.claims(ADA, dead)
    dead.closed = True  # type: ignore[misc]
    assert them.claims(ADA, socket())


def test_nothing_is_remembered_of_who_has_gone() -> None:
    """Neither of those who were refused."""
    them = Crowd(SignalingSettings(sockets_per_identity=1))
    one, refused = socket(), socket()
    assert them.claims(ADA, one)
    assert not them.claims(ADA, refused)
    for each in (one, refused):
        them.releases(each)
    assert them._by_identity == {}
    assert them._identities == {}


def test_an_address_asks_so_often() -> None:
    """Its next request is told how long to wait."""
    them = Crowd(SignalingSettings(request_burst=2, requests_per_second=0.1))
    assert [them.wait_s(request()) for _ in range(2)] == [0.0] * 2
    assert 9 < them.wait_s(request()) <= 10
    assert them.wait_s(request("192.0.2.2")) == 0.0


@pytest.mark.parametrize("header", ["Authorization", "X_API_Key"])
def test_a_key_asks_so_often_from_wherever(header: str) -> None:
    """Also from where no other limit applies; another key has its own."""
    them = Crowd(SignalingSettings(key_request_burst=2, key_requests_per_second=0.1))
    for place in ("192.0.2.1", "127.0.0.1"):
        assert them.wait_s(request(place, **{header: "Bearer one"})) == 0.0
    assert them.wait_s(request("192.0.2.9", **{header: "Bearer one"})) > 0
    assert them.wait_s(request("192.0.2.9", **{header: "Bearer two"})) == 0.0
    assert "one" not in str(vars(them._by_key))
