"""A session's file, as it is written."""

import asyncio
import os
from pathlib import Path

import pytest

from signaling.transcripts import journal as journal_module
from signaling.transcripts.journal import Journal
from signaling.transcripts.session import Session
from signaling.transcripts.shelf import Shelf
from tests.signaling.transcripts.test_session import spoken
from tests.support.until import until


def journal_in(folder: Path, *, sync_s: float = 60, most_waiting: int = 100) -> Journal:
    session = Session("demo", 1_000, most_texts=100)
    return Journal(Shelf(folder), session, sync_s=sync_s, most_waiting=most_waiting)


def kept_in(folder: Path) -> list[str]:
    """Give the texts that can be read there."""
    shelf = Shelf(folder)
    sessions = [shelf.read(kept, most_texts=100) for kept in shelf.of("demo")]
    return [cue.said.text for session in sessions if session for cue in session.cues(None)]


def lines_in(folder: Path) -> list[bytes]:
    return [line for file in folder.glob("*/*") for line in file.read_bytes().splitlines()]


async def test_lines_are_there_as_they_come(tmp_path: Path) -> None:
    """Before anything is closed: a process that dies has lost nothing."""
    journal = journal_in(tmp_path)
    try:
        journal.add(spoken("one"))
        await until(lambda: kept_in(tmp_path) == ["one"])
        journal.add(spoken("two", 1, at=1))
        await until(lambda: kept_in(tmp_path) == ["one", "two"])
    finally:
        await journal.close()
        await journal.close()


async def test_the_end_is_written(tmp_path: Path) -> None:
    """And what comes late behind it."""
    journal = journal_in(tmp_path)
    journal.add(spoken("one"))
    journal.end(9_000)
    journal.add(spoken("late", 1, at=1))
    await journal.close()
    session = Shelf(tmp_path).read(Shelf(tmp_path).of("demo")[0], most_texts=9)
    assert session is not None
    assert session.ended_at_ms == 9_000
    assert kept_in(tmp_path) == ["one", "late"]


async def test_what_was_written_is_forced_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every so often, and at the end; not for each line."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    journal = journal_in(tmp_path, sync_s=0.05)
    for number in range(20):
        journal.add(spoken("word", number))
    await until(lambda: len(synced) == 1)
    await asyncio.sleep(0.1)
    assert len(synced) == 1, "nothing was written since"
    await journal.close()
    assert len(synced) == 2


async def test_a_disk_that_refuses_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said meanwhile is written when it is back, each line whole and once."""
    monkeypatch.setattr(journal_module, "_RETRY_S", 0.01)
    write, faults = os.write, [True, True, False, True]

    def full(file: int, data: bytes) -> int:
        if faults and faults.pop(0):
            write(file, data[: len(data) // 2])
            raise OSError(28, "no space left")
        return write(file, data)

    monkeypatch.setattr(os, "write", full)
    journal = journal_in(tmp_path)
    journal.add(spoken("one"))
    await until(lambda: kept_in(tmp_path) == ["one"])
    journal.add(spoken("two", 1, at=1))
    await until(lambda: kept_in(tmp_path) == ["one", "two"])
    await journal.close()
    assert len(lines_in(tmp_path)) == 3


async def test_what_waits_for_a_disk_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest goes, but for the beginning, without which the rest says nothing."""
    monkeypatch.setattr(journal_module, "_RETRY_S", 0.01)
    works = False
    new_file = Shelf.new_file

    def fickle(shelf: Shelf, room_id: str, started_at_ms: int) -> int:
        if not works:
            raise OSError(30, "read-only file system")
        return new_file(shelf, room_id, started_at_ms)

    monkeypatch.setattr(Shelf, "new_file", fickle)
    journal = journal_in(tmp_path, most_waiting=4)
    for number in range(10):
        journal.add(spoken(str(number), number, at=number))
        await asyncio.sleep(0)
    works = True
    await until(lambda: kept_in(tmp_path) == ["7", "8", "9"])
    await journal.close()


async def test_closing_does_not_wait_for_a_disk_that_refuses(tmp_path: Path) -> None:
    """It is tried once more, and that is that."""
    (tmp_path / "demo").write_text("a file where a folder should be")
    journal = journal_in(tmp_path)
    journal.add(spoken("one"))
    async with asyncio.timeout(2):
        await journal.close()


async def test_what_is_abandoned_is_not_written(tmp_path: Path) -> None:
    """It is to be deleted."""
    journal = journal_in(tmp_path)
    journal.add(spoken("one"))
    await journal.abandon()
    assert kept_in(tmp_path) in ([], ["one"])
