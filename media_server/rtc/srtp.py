"""What is needed of pylibsrtp's insides: encrypting where a packet lies, from Python and from `lanes.c`."""

import functools
from typing import Any

from pylibsrtp import Session
from pylibsrtp._binding import ffi as srtp_ffi
from pylibsrtp._binding import lib as srtp

from media_server.rtc import native
from media_server.rtc.batch import Encrypt
from media_server.rtc.native import Struct, ffi
from media_server.rtc.rewriter import MAX_DRIFT
from media_server.rtc.rtp import MAX_DROPOUT


def encrypting(session: Session) -> Encrypt:
    """Make what encrypts for a session where the packet lies.

    `Session.protect` copies it twice and makes a new C integer for each, which is half of its cost. Not to be used
    any more when the session is gone.
    """
    return functools.partial(srtp.srtp_protect, session._srtp[0])


def pointer(session: Session) -> Struct:
    """Give a session as `lanes.c` takes it. It is valid for as long as the session is held."""
    return ffi.cast("void *", _address(session._srtp[0]))


def compiled() -> Any | None:
    """Load what forwards many packets in one call; None where there is none."""
    protect = _address(srtp_ffi.addressof(srtp, "srtp_protect"))
    return native.load(protect=protect, max_dropout=MAX_DROPOUT, max_drift_s=MAX_DRIFT)


def _address(pointer: Any) -> int:
    return int(srtp_ffi.cast("uintptr_t", pointer))
