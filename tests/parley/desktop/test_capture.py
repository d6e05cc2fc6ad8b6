"""Recorders that come and go; stand-ins for `recorder.py`, as processes."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from parley.client.backoff import BackoffSettings
from parley.desktop.capture import (
    FRAME_BYTES,
    KEPT_FRAMES,
    Capture,
    CaptureError,
    Ear,
    list_devices,
    recorder_command,
)
from tests.support.until import until

QUICK = BackoffSettings(first_s=0.01, most_s=0.05)


def program(folder: Path, body: str) -> list[str]:
    """Give a recorder that does this; `out` is where sound goes."""
    path = folder / "recorder.py"
    path.write_text(f"import sys, time\nout = sys.stdout.buffer\n{body}\n")
    return [sys.executable, "-S", str(path)]


def capture(command: list[str], told: list[str], ear: Ear | None = None) -> Capture:
    return Capture(ear or Ear("system"), told.append, program=command, pauses=QUICK)


async def test_frames_come_in_order(tmp_path: Path) -> None:
    """Cut to 100 ms however they were written; that there is sound is told once."""
    body = f"""
data = b"".join(bytes([number]) * {FRAME_BYTES} for number in range(5))
for at in range(0, len(data), 1000):
    out.write(data[at : at + 1000]); out.flush()
time.sleep(60)"""
    told: list[str] = []
    async with capture(program(tmp_path, body), told) as recording:
        frames = [await recording.frame() for _ in range(5)]
    assert [(frame[0], len(frame)) for frame in frames] == [(number, FRAME_BYTES) for number in range(5)]
    assert told == [""]


async def test_a_recorder_that_ends_is_started_again(tmp_path: Path) -> None:
    """With its last words told, and asked for the same."""
    body = f"""
from pathlib import Path
before = Path({str(tmp_path / "before")!r})
if before.exists():
    assert sys.argv[1:] == ["--source", "microphone", "--device", "USB"], sys.argv
    out.write(bytes({FRAME_BYTES})); out.flush(); time.sleep(60)
before.touch()
sys.exit("warming up\\nno microphone is there.")"""
    told: list[str] = []
    async with capture(program(tmp_path, body), told, Ear("microphone", "USB")) as recording:
        await recording.frame()
    assert told == ["No sound: no microphone is there. Trying again ...", ""]


async def test_who_does_not_read_loses_the_oldest(tmp_path: Path) -> None:
    """What is said now is worth more than what was said two seconds ago."""
    body = f"""
for number in range({KEPT_FRAMES + 10}):
    out.write(bytes([number]) * {FRAME_BYTES}); out.flush()
time.sleep(60)"""
    async with capture(program(tmp_path, body), []) as recording:
        await recording.frame()
        await until(lambda: bool(recording._frames) and recording._frames[-1][0] == KEPT_FRAMES + 9)
        assert (await recording.frame())[0] == 10


async def test_a_recorder_never_outlives_it(tmp_path: Path) -> None:
    """However busy it is."""
    body = f"""
import os
open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid()))
while True:
    out.write(bytes({FRAME_BYTES})); out.flush()"""
    async with capture(program(tmp_path, body), []) as recording:
        await recording.frame()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_one_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    """And tried again; closing while it fails takes no time."""
    told: list[str] = []
    async with capture(program(tmp_path, "sys.exit(1)"), told):
        await until(lambda: len(told) >= 2)
    assert set(told) == {"No sound: the recorder ended without a word. Trying again ..."}


async def test_devices_are_listed(tmp_path: Path) -> None:
    """As the recorder gives them, or its words why it does not."""
    found = await list_devices(program(tmp_path, """print('[{"source": "system", "id": "a", "name": "A"}]')"""))
    assert found == [{"source": "system", "id": "a", "name": "A"}]
    with pytest.raises(CaptureError, match="no sound system"):
        await list_devices(program(tmp_path, 'sys.exit("no sound system")'))


async def test_the_recorder_ends_when_nobody_is_there(tmp_path: Path) -> None:
    """Its standard input ends with whoever started it, and then it does."""
    process = await asyncio.create_subprocess_exec(
        *recorder_command(), stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    assert await asyncio.wait_for(process.wait(), 30) in (0, 1)
