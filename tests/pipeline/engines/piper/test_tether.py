"""A program that ends with whoever started it."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE

import pytest

from pipeline.engines.piper import tether
from tests.support.until import until

PARENT = """
import os, subprocess, sys
words = [sys.executable, "-I", "-S", sys.argv[1], str(os.getpid()), "sleep", "600"]
print(subprocess.Popen(words).pid, flush=True)
sys.stdin.read()
"""


async def test_the_program_dies_with_its_parent_however_that_dies() -> None:
    """Even if the kernel killed it."""
    words = (sys.executable, "-I", "-S", "-c", PARENT, tether.__file__)
    parent = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE)
    assert parent.stdout
    program = int(await parent.stdout.readline())
    # It has become `sleep` only once it is tethered.
    await until(lambda: b"sleep" in _name_of(program))
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    await until(lambda: not _lives(program))


async def test_an_orphan_does_not_start() -> None:
    """Its parent died before it looked."""
    words = (sys.executable, "-I", "-S", tether.__file__, str(os.getpid() + 1), "echo", "started")
    program = await asyncio.create_subprocess_exec(*words, stdout=PIPE)
    said, _ = await program.communicate()
    assert (program.returncode, said) == (1, b"")


@pytest.mark.parametrize("code", [0, 3])
async def test_it_is_the_program(code: int) -> None:
    """Its exit code is that of the program."""
    words = (sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), "sh", "-c", f"exit {code}")
    program = await asyncio.create_subprocess_exec(*words)
    assert await program.wait() == code


def _name_of(process: int) -> bytes:
    with open(f"/proc/{process}/comm", "rb") as file:
        return file.read()


def _lives(process: int) -> bool:
    """Whether it is there, and no zombie."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False
