"""The folder with the transcripts' files."""

import os
import stat
from pathlib import Path

import pytest

from signaling.transcripts.entry import VERSION, Begun, Ended, encode
from signaling.transcripts.shelf import Shelf
from tests.signaling.transcripts.test_session import spoken


def write(shelf: Shelf, room_id: str = "demo", at_ms: int = 1_000, *, tail: bytes = b"", end: bool = True) -> None:
    file = shelf.new_file(room_id, at_ms)
    entries = [Begun(version=VERSION, room_id=room_id, at_ms=at_ms), spoken("hello")]
    os.write(file, b"".join(map(encode, [*entries, *([Ended(at_ms=at_ms + 5)] if end else [])])) + tail)
    os.close(file)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_files_are_the_owners_alone(tmp_path: Path) -> None:
    """And so are their folders."""
    folder = tmp_path / "kept" / "here"
    write(Shelf(folder))
    (file,) = folder.glob("*/*")
    assert (mode(file), mode(file.parent)) == (0o600, 0o700)


def test_sessions_are_found_and_read(tmp_path: Path) -> None:
    """Oldest first, by room."""
    shelf = Shelf(tmp_path)
    assert shelf.rooms() == []
    write(shelf, at_ms=2_000)
    write(shelf, at_ms=1_000)
    write(shelf, "other")
    assert shelf.rooms() == ["demo", "other"]
    kept = shelf.of("demo")
    assert [each.started_at_ms for each in kept] == [1_000, 2_000]
    session = shelf.read(kept[0], most_texts=10)
    assert session is not None
    assert (session.room_id, session.ended_at_ms, len(session)) == ("demo", 1_005, 1)


def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """Its session ended when it was last written to."""
    shelf = Shelf(tmp_path)
    write(shelf, tail=b'{"kind":"said","utter', end=False)
    (kept,) = shelf.of("demo")
    session = shelf.read(kept, most_texts=10)
    assert session is not None
    assert len(session) == 1
    assert session.ended_at_ms == kept.changed_at_ms


@pytest.mark.parametrize("room_id", ["..", "../demo", "a/b", "", ".", "a\0b", "a" * 65, "/etc"])
def test_ids_never_lead_out_of_the_folder(tmp_path: Path, room_id: str) -> None:
    """What is no id is no room."""
    shelf = Shelf(tmp_path / "kept")
    write(Shelf(tmp_path))
    with pytest.raises(ValueError, match="not an id"):
        shelf.new_file(room_id, 1)
    assert shelf.of(room_id) == []


def test_links_are_not_followed(tmp_path: Path) -> None:
    """Neither of folders nor of files: what is elsewhere is nobody's transcript here."""
    elsewhere = tmp_path / "elsewhere"
    write(Shelf(elsewhere))
    (secret,) = elsewhere.glob("*/*")
    folder = tmp_path / "kept"
    (folder / "room").mkdir(parents=True)
    (folder / "linked").symlink_to(secret.parent)
    (folder / "room" / secret.name).symlink_to(secret)
    shelf = Shelf(folder)
    assert shelf.rooms() == []
    assert shelf.of("linked") == shelf.of("room") == []


def test_what_is_none_of_ours_is_left_alone(tmp_path: Path) -> None:
    """Other files are neither listed nor deleted; a file of another room's is not believed."""
    shelf = Shelf(tmp_path)
    write(shelf)
    (tmp_path / "demo" / "notes.txt").write_text("mine")
    (tmp_path / "loose.jsonl").write_text("{}")
    (file,) = shelf.of("demo")
    (tmp_path / "other").mkdir()
    moved = tmp_path / "other" / file.path.name
    moved.write_bytes(file.path.read_bytes())
    assert shelf.read(shelf.of("other")[0], most_texts=10) is None
    assert shelf.delete(shelf.of("demo")) == 1
    assert (tmp_path / "demo" / "notes.txt").exists()
    assert shelf.delete([file]) == 0


def test_empty_folders_go(tmp_path: Path) -> None:
    """With the last file of a room."""
    shelf = Shelf(tmp_path)
    write(shelf)
    assert shelf.delete(shelf.of("demo")) == 1
    assert list(tmp_path.iterdir()) == []
    assert shelf.read(shelf.of("demo")[0], most_texts=1) is None if shelf.of("demo") else True


def test_a_file_that_is_gone_is_no_session(tmp_path: Path) -> None:
    """It may be deleted while it is looked for."""
    shelf = Shelf(tmp_path)
    write(shelf)
    (kept,) = shelf.of("demo")
    kept.path.unlink()
    assert shelf.read(kept, most_texts=1) is None
