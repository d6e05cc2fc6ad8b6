"""One connection's way out."""

import socket

from prometheus_client import REGISTRY
from pylibsrtp import Policy, Session

from media_server.rtc.native import ffi
from media_server.rtc.port import MediaPort
from media_server.rtc.route import Route

KEY = bytes(range(30))
HEADER = (0x80, 111, 1, 960, 77)
PACKET = bytes((0x80, 111, 0, 1, 0, 0, 3, 192, 0, 0, 0, 77)) + b"sound"


def session() -> Session:
    return Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_OUTBOUND))


def failures() -> float:
    return REGISTRY.get_sample_value("parley_rtc_send_failures_total") or 0.0


async def test_a_packet_goes_out_with_a_session_and_an_address() -> None:
    """Not before it has both, nor without one of them; lanes.c sees the same."""
    async with MediaPort(host="127.0.0.1") as port:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as browser:
            browser.bind(("127.0.0.1", 0))
            browser.settimeout(5)
            route = Route(port)
            assert not route.send(HEADER, b"sound")
            route.open(session())
            assert not route.send(HEADER, b"sound")
            route.turn_to(browser.getsockname())
            assert route.shared.batch == port.batch("127.0.0.1").shared
            assert route.shared.session != ffi.NULL
            assert route.send(HEADER, b"sound")
            port.flush()
            receiving = Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_INBOUND))
            assert receiving.unprotect(browser.recv(2048)) == PACKET
            route.close()
            assert route.shared.session == ffi.NULL
            assert not route.send(HEADER, b"sound")
            route.turn_to(None)
            assert route.shared.batch == ffi.NULL


async def test_an_address_that_cannot_be_sent_to_is_a_failure() -> None:
    """Of another family than the port's, or none at all; lanes.c must not send there either."""
    async with MediaPort(host="127.0.0.1") as port:
        route = Route(port)
        route.open(session())
        route.turn_to(("127.0.0.1", 9))
        before = failures()
        route.turn_to(("::1", 9))
        route.turn_to(("nowhere.example", 9))
        assert failures() == before + 2
        assert route.shared.batch == ffi.NULL
        assert not route.send(HEADER, b"sound")
