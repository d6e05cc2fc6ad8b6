"""What records, with a sound system that follows a script; the real one is in tests/journeys/test_desktop.py."""

import io
import json
import sys
from dataclasses import dataclass, field
from types import SimpleNamespace, TracebackType
from typing import Any

import numpy as np
import pytest

from parley.desktop import recorder
from parley.desktop.recorder import BLOCK, NoSoundError, Source, choose, listed, record, to_pcm


@dataclass
class FakeDevice:
    """Gives one level of sound, and breaks when it is told to."""

    id: str
    name: str
    isloopback: bool = False
    level: float = 0.25
    blocks_left: int = 10**9

    def recorder(self, samplerate: int, channels: int, blocksize: int) -> "FakeDevice":
        assert (samplerate, channels, blocksize) == (16_000, 1, BLOCK)
        return self

    def __enter__(self) -> "FakeDevice":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def record(self, count: int) -> Any:
        self.blocks_left -= 1
        if self.blocks_left < 0:
            raise RuntimeError("unplugged")
        return np.full((count, 1), self.level, dtype=np.float32)


MIC, HEADSET = FakeDevice("m1", "Built-in Microphone"), FakeDevice("m2", "Headset Microphone", level=0.5)
SPEAKERS = FakeDevice("s1.monitor", "Monitor of Speakers", isloopback=True)
PHONES = FakeDevice("s2.monitor", "Monitor of Headphones", isloopback=True)


@dataclass
class FakeSound:
    """Stands in for SoundCard."""

    microphones: list[FakeDevice] = field(default_factory=lambda: [PHONES, MIC, SPEAKERS, HEADSET])
    speaker: Any = field(default_factory=lambda: SimpleNamespace(id="s1", name="Speakers"))
    default: str = "m1"

    def all_microphones(self, *, include_loopback: bool) -> list[FakeDevice]:
        assert include_loopback
        return self.microphones

    def default_speaker(self) -> Any:
        return self.speaker

    def default_microphone(self) -> Any:
        return SimpleNamespace(id=self.default)


@pytest.mark.parametrize(
    ("source", "wanted", "device"),
    [
        ("microphone", None, MIC),
        ("system", None, SPEAKERS),
        ("microphone", "headset", HEADSET),
        ("microphone", "m2", HEADSET),
        ("system", "Monitor of Headphones", PHONES),
    ],
)
def test_a_device_is_chosen(source: Source, wanted: str | None, device: FakeDevice) -> None:
    """The default one, or that of an id or a part of a name."""
    assert choose(FakeSound(), source, wanted) is device


def test_windows_gives_a_loopback_its_speakers_own_id() -> None:
    """And others at least its name."""
    same = FakeDevice("s1", "Lautsprecher", isloopback=True)
    named = FakeDevice("x", "Loopback Speakers", isloopback=True)
    assert choose(FakeSound([PHONES, same]), "system", None) is same
    assert choose(FakeSound([PHONES, named]), "system", None) is named


@pytest.mark.parametrize(
    ("wanted", "words"), [("microphone", "several devices are called"), ("camera", "no device is called 'camera'")]
)
def test_a_name_that_is_not_clear_is_told(wanted: str, words: str) -> None:
    """With the names that there are."""
    with pytest.raises(NoSoundError, match=f"{words}.*Headset Microphone"):
        choose(FakeSound(), "microphone", wanted)


@pytest.mark.parametrize(
    ("platform", "source", "words"),
    [("linux", "microphone", "no microphone"), ("linux", "system", "no speakers"), ("darwin", "system", "BlackHole")],
)
def test_without_a_device_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, platform: str, source: Source, words: str
) -> None:
    """A monitor of speakers is no microphone."""
    monkeypatch.setattr(sys, "platform", platform)
    only = [MIC] if source == "system" else [SPEAKERS]
    with pytest.raises(NoSoundError, match=words):
        choose(FakeSound(only), source, None)


def test_sound_becomes_mono_pcm() -> None:
    """What is too loud is cut off, not wrapped around."""
    two = np.array([[0.5, -0.5], [1.0, 1.0], [4.0, 4.0], [-4.0, -4.0]], dtype=np.float32)
    assert np.frombuffer(to_pcm(two), dtype="<i2").tolist() == [0, 32767, 32767, -32767]


def test_it_writes_100_ms_at_a_time_until_the_device_breaks() -> None:
    """What breaks is told by whoever called."""
    out = io.BytesIO()
    sound = FakeSound([FakeDevice("m1", "M", blocks_left=30)])
    with pytest.raises(RuntimeError, match="unplugged"):
        record(sound, "microphone", None, out)
    assert len(out.getvalue()) == 30 * BLOCK * 2


def test_another_default_device_is_changed_to() -> None:
    """Headphones were put in: what is played in them is what is to be heard. A device asked for by name stays."""
    phones = FakeDevice("s2.monitor", "Monitor of Headphones", isloopback=True, level=0.5, blocks_left=5)
    speakers = FakeDevice("s1.monitor", "Monitor of Speakers", isloopback=True, blocks_left=25)
    sound = FakeSound([speakers, phones])
    out = io.BytesIO()
    real = out.write

    def write(data: Any) -> int:
        sound.speaker = SimpleNamespace(id="s2", name="Headphones")
        return real(data)

    out.write = write  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="unplugged"):
        record(sound, "system", None, out)
    levels = np.frombuffer(out.getvalue(), dtype="<i2")[::BLOCK]
    assert levels.tolist() == [8191] * 20 + [16383] * 5
    with pytest.raises(RuntimeError, match="unplugged"):
        record(sound, "system", "s1.monitor", out)


def test_devices_are_listed() -> None:
    """Microphones first."""
    assert [(each["source"], each["name"]) for each in listed(FakeSound())] == [
        ("microphone", "Built-in Microphone"),
        ("microphone", "Headset Microphone"),
        ("system", "Monitor of Headphones"),
        ("system", "Monitor of Speakers"),
    ]


def test_as_a_program_it_lists_them_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For whoever started it."""
    monkeypatch.setitem(sys.modules, "soundcard", FakeSound())
    assert recorder.main(["--list"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 4


def test_as_a_program_it_says_why_it_ends(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, whatever a sound system does."""
    monkeypatch.setattr(recorder, "_end_with", str)
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=io.BytesIO()))
    for sound, words in (
        (FakeSound([FakeDevice("m1", "M", blocks_left=0)]), "the sound system stopped: unplugged\n"),
        (FakeSound([]), "this computer has no microphone"),
        (None, "pip install 'parley[desktop]'"),
    ):
        monkeypatch.setitem(sys.modules, "soundcard", sound)
        assert recorder.main([]) == 1
        assert words in capsys.readouterr().err
