"""A sound system of a test's own: PulseAudio with speakers that nobody hears, and no microphone.

Needs pulseaudio; without it the test is skipped.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desktop import eventually, running

_BUS = "DBUS_SESSION_BUS_ADDRESS"
_NEEDED = ("pulseaudio", "pactl", "paplay")


class Pulse:
    """One that runs. Made by `pulse`."""

    def __init__(self, variables: dict[str, str]) -> None:
        # Of the environment, for programs that are to use it and not the machine's own.
        self.variables = variables

    @property
    def environment(self) -> dict[str, str]:
        """All of the environment of such programs."""
        return {key: value for key, value in os.environ.items() if key != _BUS} | self.variables

    def play(self, file: Path) -> None:
        """Play a WAV file, and wait until it was played."""
        subprocess.run(["paplay", str(file)], env=self.environment, check=True, timeout=60)

    def control(self, *words: str) -> str:
        """Ask it for something, as `pactl` does."""
        done = subprocess.run(
            ["pactl", *words], env=self.environment, check=True, timeout=20, capture_output=True, text=True
        )
        return done.stdout

    def answers(self) -> bool:
        """Whether it runs."""
        done = subprocess.run(["pactl", "info"], env=self.environment, check=False, timeout=20, capture_output=True)
        return done.returncode == 0


@contextlib.contextmanager
def pulse(folder: Path) -> Iterator[Pulse]:
    """Run one while the block runs. The folder is for its socket, and short: such paths have at most 107 characters."""
    missing = [program for program in _NEEDED if shutil.which(program) is None]
    if missing:
        pytest.skip(f"without {', '.join(missing)} there is no sound to test with: infra/setup test installs it")
    socket = folder / "s"
    own = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "PULSE_SERVER": f"unix:{socket}"}
    made = Pulse(own)
    command = ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--disable-shm=yes", "--exit-idle-time=-1"]
    command += ["-L", f"module-native-protocol-unix auth-anonymous=1 socket={socket}"]
    command += ["-L", "module-null-sink sink_name=speakers rate=48000"]
    folder.chmod(0o700)
    with running(command, env=made.environment):
        eventually(made.answers)
        yield made
