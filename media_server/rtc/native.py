"""What Python and `lanes.c` share: the structures of `lanes.h`, and the compiled functions where there are any.

The structures are used with and without those, so that a stream's state lies in one place whoever numbers its packets.
"""

import hashlib
from pathlib import Path
from typing import Any

import structlog
from cffi import FFI

from media_server.packet import CLOCK_RATE

_log = structlog.get_logger(__name__)

_HERE = Path(__file__).parent
_SOURCES = ("lanes.h", "lanes.c")

# `sendmmsg` of Linux and its structures, which lanes.c has from the system's headers.
_SYSTEM = """
    struct iovec { void *iov_base; size_t iov_len; };
    struct msghdr {
        void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
        void *msg_control; size_t msg_controllen; int msg_flags;
    };
    struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
    int sendmmsg(int descriptor, struct mmsghdr *messages, unsigned int count, int flags);
"""
_FUNCTIONS = """
    void lanes_use(void *protect_address, uint32_t dropout, uint32_t drift_samples);
    int fan_out(struct fan *fan, int at, int64_t source, uint16_t number, uint32_t timestamp, const uint8_t *payload,
                int size, double now);
"""

ffi = FFI()
ffi.cdef(_SYSTEM + (_HERE / "lanes.h").read_text(encoding="utf-8") + _FUNCTIONS)
libc: Any = ffi.dlopen(None)

Struct = Any
"""A structure of `lanes.h`, or a pointer to one: cffi tells no types."""


def library(folder: Path = _HERE) -> Path:
    """Give the path of what `infra/native` makes of the sources in a folder: the name says which they were."""
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((folder / name).read_bytes())
    return folder / f"lanes-{digest.hexdigest()[:16]}.so"


def load(*, protect: int, max_dropout: int, max_drift_s: float, path: Path | None = None) -> Any | None:
    """Load the compiled functions, and tell them the address of libsrtp's `srtp_protect` and the rewriter's limits.

    None without them, or where they cannot be loaded: then everything is done in Python, at some three times the cost.
    """
    path = path or library()
    if not path.exists():
        _log.info(
            "native_forwarding_missing", consequence="forwarding costs about three times as much", cure="make run"
        )
        return None
    try:
        compiled = ffi.dlopen(str(path))
        compiled.lanes_use(ffi.cast("void *", protect), max_dropout, int(max_drift_s * CLOCK_RATE))
    except (OSError, AttributeError) as error:
        _log.warning("native_forwarding_failed", path=path.name, error=str(error))
        return None
    return compiled
