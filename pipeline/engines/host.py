"""The process an engine lives in: `python -m pipeline.engines.host`, started by `pipeline.engines.child` alone.

It speaks frames on an inherited socket, runs below the media process (nice), and ends when that socket does. A crash
here costs the requests in work, never a packet.
"""

import argparse
import asyncio
import ctypes
import os
import signal
import socket
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
"""linux/prctl.h: which signal to get when the parent dies."""


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this process when its parent dies, even if it hangs and does not see the socket end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before that
        raise SystemExit(1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Host one engine."""
    parser = argparse.ArgumentParser(prog="pipeline.engines.host")
    parser.add_argument("--fd", type=int, required=True, help="the inherited socket")
    parser.add_argument("--parent", type=int, required=True, help="process id of who started this")
    parser.add_argument("--module", required=True, help="which module's Engine to host")
    parser.add_argument("--nice", type=int, default=10)
    parser.add_argument("--bit-rate", type=int, default=32_000)
    options = parser.parse_args(arguments)
    die_with_parent(options.parent)
    os.nice(options.nice)
    # Only now what takes time to import: a process that is started again must not take it from media.
    from pipeline.engines.hosting import host, log_to_stderr
    from pipeline.event_loop import new_event_loop

    log_to_stderr()
    with socket.socket(fileno=options.fd) as sock, asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(host(sock, options.module, bit_rate=options.bit_rate))


if __name__ == "__main__":
    main()
