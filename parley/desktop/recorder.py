"""A process of its own that records: raw 16 kHz mono s16le on standard output, `python -m parley.desktop.recorder`.

Sound systems hang and crash in their own ways; here that takes neither the window nor the connection along, and ending
the process ends the recording, whatever it is doing. Linux by PulseAudio's protocol (PipeWire speaks it too), Windows
by WASAPI, macOS by Core Audio; all by SoundCard.

It ends when its standard input does. Exit codes: 0 told to end, 1 it cannot record; then the last line on standard
error says why.
"""

import argparse
import contextlib
import json
import os
import sys
import threading
import warnings
from collections.abc import Sequence
from typing import Any, BinaryIO, Literal, Protocol, TextIO, get_args

import numpy as np

Source = Literal["microphone", "system"]
"""What is recorded: somebody who talks, or what this computer plays."""

SAMPLE_RATE = 16_000
BLOCK = SAMPLE_RATE // 10
"""Samples at a time: 100 ms."""
_LOOK_BLOCKS = 20
# Every 2 s it is looked whether another device has become the default: headphones were put in, say.


class Device(Protocol):
    """A microphone of SoundCard, which also stands for what a speaker plays (a loopback)."""

    id: Any
    name: str

    @property
    def isloopback(self) -> bool:
        """Whether it is what a speaker plays."""

    def recorder(self, samplerate: int, channels: int, blocksize: int) -> Any:
        """Give a context manager that records."""


class NoSoundError(Exception):
    """There is nothing to record from; the message says what to do."""


def devices(sound: Any, source: Source) -> list[Device]:
    """Give what there is to record from."""
    found = sound.all_microphones(include_loopback=True)
    return [each for each in found if _is_loopback(each) == (source == "system")]


def choose(sound: Any, source: Source, wanted: str | None) -> Device:
    """Give the device whose id or name is wanted, or the default one.

    Raises:
        NoSoundError: there is none.
    """
    known = devices(sound, source)
    if wanted is not None:
        return _named(known, wanted)
    if not known:
        raise NoSoundError(_nothing(source))
    if source == "system":
        speaker = sound.default_speaker()
        return next((each for each in known if _is_of(each, speaker)), known[0])
    default = sound.default_microphone()
    return next((each for each in known if each.id == default.id), known[0])


def _named(known: Sequence[Device], wanted: str) -> Device:
    exact = [each for each in known if str(each.id) == wanted or each.name == wanted]
    near = exact or [each for each in known if wanted.casefold() in each.name.casefold()]
    if len(near) == 1:
        return near[0]
    names = "; ".join(each.name for each in near or known) or "none"
    raise NoSoundError(f"{'several devices are' if near else 'no device is'} called {wanted!r}. There are: {names}")


def _is_loopback(device: Device) -> bool:
    # On macOS there are none, and SoundCard's devices do not know the word.
    return bool(getattr(device, "isloopback", False))


def _is_of(loopback: Device, speaker: Any) -> bool:
    """Whether a loopback is a speaker's: it has the same id, or PulseAudio's for it, or at least its name."""
    return loopback.id in (speaker.id, f"{speaker.id}.monitor") or str(speaker.name) in loopback.name


def _nothing(source: Source) -> str:
    if source == "microphone":
        return "this computer has no microphone, or lets no program use it. Plug one in, or allow it in its settings"
    if sys.platform == "darwin":
        return (
            "macOS lets no program record what it plays. Install the virtual device BlackHole, play into it (Audio "
            "MIDI Setup makes a device of it and your speakers), and use --microphone --device BlackHole"
        )
    return "this computer has no speakers whose sound could be recorded"


def record(sound: Any, source: Source, wanted: str | None, out: BinaryIO) -> None:
    """Write what is heard, until whoever reads it is gone. What becomes the default device meanwhile is changed to.

    Raises:
        NoSoundError: there is nothing to record from.
    """
    while True:
        device = choose(sound, source, wanted)
        with device.recorder(samplerate=SAMPLE_RATE, channels=1, blocksize=BLOCK) as recorder:
            while wanted is not None or choose(sound, source, None).id == device.id:
                for _ in range(_LOOK_BLOCKS):
                    out.write(to_pcm(recorder.record(BLOCK)))
                    out.flush()


def to_pcm(samples: Any) -> bytes:
    """Turn SoundCard's floats, a column a channel, into mono s16le."""
    mono = np.asarray(samples, dtype=np.float32).mean(axis=1)
    pcm: bytes = (np.clip(mono, -1.0, 1.0) * 32767).astype("<i2").tobytes()
    return pcm


def listed(sound: Any) -> list[dict[str, str]]:
    """Give all devices, as `--list` tells them."""
    return [
        {"source": source, "id": str(each.id), "name": each.name}
        for source in get_args(Source)
        for each in devices(sound, source)
    ]


def _end_with(given: TextIO) -> None:
    """End when whoever started this is gone."""
    with contextlib.suppress(OSError, ValueError):
        while given.read(1):
            pass
    os._exit(0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do as the command line says."""
    parser = argparse.ArgumentParser(prog="parley.desktop.recorder")
    parser.add_argument("--source", choices=get_args(Source), default="microphone")
    parser.add_argument("--device")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args(arguments)
    if not given.list:
        threading.Thread(target=_end_with, args=(sys.stdin,), daemon=True).start()
    # Of gaps in the sound it is warned again and again.
    warnings.simplefilter("ignore")
    try:
        import soundcard
    except ImportError:
        return _fail("the extra `desktop` is not installed: pip install 'parley[desktop]'")
    except (AssertionError, OSError):
        return _fail("there is no sound system here: on Linux, PulseAudio or PipeWire with pipewire-pulse has to run")
    try:
        if given.list:
            sys.stdout.write(json.dumps(listed(soundcard)) + "\n")
        else:
            record(soundcard, given.source, given.device, sys.stdout.buffer)
    except NoSoundError as error:
        return _fail(str(error))
    except BrokenPipeError:
        return 0
    except Exception as error:  # a fault boundary: whatever a sound system does, there are words
        return _fail(f"the sound system stopped: {error or type(error).__name__}")
    return 0


def _fail(words: str) -> int:
    sys.stderr.write(f"{words}\n")
    return 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Without waiting for a sound system that may have died.
    os._exit(code)
