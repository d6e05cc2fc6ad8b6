"""A model's lock."""

from pathlib import Path

from pipeline.engines.models.catalogue import Model, ModelFile
from pipeline.engines.models.lock import Lock, LockedFile

FILE = ModelFile("model.bin", "model.bin")
MODEL = Model("m", "e", "o/r", "main", (FILE,), "MIT", 1, "")


def test_a_lock_is_kept(tmp_path: Path) -> None:
    """With the commit that was said first."""
    lock = Lock("o/r").with_file("model.bin", LockedFile(3, "abc"), "c1").with_file("x", LockedFile(1, "d"), "c2")
    lock.write(tmp_path, MODEL)
    assert Lock.read(tmp_path, MODEL) == lock
    assert lock.revision == "c1"
    assert [path.name for path in (tmp_path / "locks").iterdir()] == ["m.json"]


def test_what_cannot_be_read_counts_for_nothing(tmp_path: Path) -> None:
    """None yet, broken, or of another repository."""
    assert Lock.read(tmp_path, MODEL) == Lock("o/r")
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "m.json").write_text("{")
    assert Lock.read(tmp_path, MODEL) == Lock("o/r")
    Lock("o/other").with_file("model.bin", LockedFile(3, "abc")).write(tmp_path, MODEL)
    assert Lock.read(tmp_path, MODEL) == Lock("o/r")


def test_the_catalogue_wins_over_the_lock() -> None:
    """The lock says only what the catalogue does not."""
    lock = Lock("o/r").with_file("model.bin", LockedFile(3, "abc"))
    assert lock.expected(FILE) == ModelFile("model.bin", "model.bin", 3, "abc")
    assert lock.expected(ModelFile("model.bin", "model.bin", 9, "xyz")).sha256 == "xyz"
    assert Lock("o/r").expected(FILE) == FILE
