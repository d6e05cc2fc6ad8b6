"""The process an engine lives in."""

import os
import socket
import subprocess
import sys
import time

import msgspec
import pytest

from pipeline.engines.channel import LENGTH_BYTES
from pipeline.engines.frames import Begin
from pipeline.engines.host import die_with_parent, main

HOST = [sys.executable, "-m", "pipeline.engines.host"]


def test_it_needs_a_socket_and_an_engine(capsys: pytest.CaptureFixture[str]) -> None:
    """By hand it explains itself."""
    with pytest.raises(SystemExit):
        main([])
    assert "--module" in capsys.readouterr().err


def test_it_does_not_outlive_a_parent_that_is_gone_already() -> None:
    """Whoever is not the parent it was started by, is not served."""
    with pytest.raises(SystemExit):
        die_with_parent(os.getppid() + 1)


def test_it_dies_with_a_parent_that_is_killed() -> None:
    """Even while its socket is held open by somebody else."""
    ours, theirs = socket.socketpair()
    starter = f"""
import os, subprocess, sys, time
words = [sys.executable, "-m", "pipeline.engines.host", "--fd", "{theirs.fileno()}", "--parent", str(os.getpid()),
         "--module", "tests.fakes.hosted.shouter"]
print(subprocess.Popen(words, pass_fds=({theirs.fileno()},), stdout=subprocess.DEVNULL).pid, flush=True)
time.sleep(600)
"""
    with ours, theirs:
        parent = subprocess.Popen(
            [sys.executable, "-c", starter], pass_fds=(theirs.fileno(),), stdout=subprocess.PIPE, text=True
        )
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        ours.settimeout(20)
        begin = msgspec.msgpack.encode(Begin())
        ours.sendall(len(begin).to_bytes(LENGTH_BYTES, "little") + begin)
        assert ours.recv(1), "it is ready"
        parent.kill()
        parent.communicate()
        assert ends(child)


def ends(process: int, within_s: float = 5) -> bool:
    """Whether a process that is not ours to wait for ends in time: gone, or a zombie in a container without init."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{process}/stat") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False
