"""The folder with the transcripts' files: `room_id/begin-xxxx.jsonl`, one a session. Blocks: call it in a thread.

Files are the owner's alone (0600, folders 0700). Names are made here of checked ids, and links are not followed, so
that nothing outside of the folder is ever read, written or deleted.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from signaling.names import is_id
from signaling.transcripts.entry import Begun, Ended, Said, decode
from signaling.transcripts.session import Session

_NAME = re.compile(r"(\d{1,15})-[0-9a-f]{8}\.jsonl")
_MOST_BYTES = 256 * 1024 * 1024
"""Of a file that is read: more than the largest session that is written."""


class Kept(NamedTuple):
    """A file."""

    path: Path
    room_id: str
    # Epoch milliseconds, as its name says, and when it was last written to.
    started_at_ms: int
    changed_at_ms: int


class Shelf:
    """Lists, reads and deletes; and says where a new session is to be written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new_file(self, room_id: str, started_at_ms: int) -> int:
        """Make the file of a session and give its descriptor, open for appending; the caller closes it.

        Raises:
            ValueError: not an id.
            OSError: the disk does not let us.
        """
        room = self._of(room_id)
        room.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = room / f"{started_at_ms}-{secrets.token_hex(4)}.jsonl"
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)

    def rooms(self) -> list[str]:
        """Name the rooms of which there are files."""
        return sorted({kept.room_id for kept in self.all()})

    def of(self, room_id: str) -> list[Kept]:
        """Give a room's files, oldest first; none for what is no id."""
        if not is_id(room_id):
            return []
        return sorted(self._files(room_id), key=lambda kept: (kept.started_at_ms, kept.path.name))

    def all(self) -> Iterator[Kept]:
        """Give every file."""
        try:
            names = sorted(entry.name for entry in os.scandir(self._folder) if entry.is_dir(follow_symlinks=False))
        except FileNotFoundError:
            return
        for name in filter(is_id, names):
            yield from self._files(name)

    def read(self, kept: Kept, *, most_texts: int) -> Session | None:
        """Read a session; None: the file is gone, or is none of ours. A last line that was cut off is passed over."""
        try:
            descriptor = os.open(kept.path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            return None
        with open(descriptor, "rb") as file:
            if os.fstat(descriptor).st_size > _MOST_BYTES:
                return None
            session = Session.read(_entries(file), most_texts=most_texts)
        if session is None or session.room_id != kept.room_id:
            return None
        if session.ended_at_ms is None:  # the process was ended before the room was
            session.ended_at_ms = kept.changed_at_ms
        return session

    def delete(self, kept: Iterable[Kept]) -> int:
        """Delete files, and folders that become empty; say how many files."""
        count = 0
        for each in kept:
            with contextlib.suppress(FileNotFoundError):
                each.path.unlink()
                count += 1
            with contextlib.suppress(OSError):  # not empty, or gone
                each.path.parent.rmdir()
        return count

    def _files(self, room_id: str) -> Iterator[Kept]:
        room = self._of(room_id)
        try:
            if room.is_symlink():
                return
            entries = list(os.scandir(room))
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in entries:
            name = _NAME.fullmatch(entry.name)
            if name is None or not entry.is_file(follow_symlinks=False):
                continue
            with contextlib.suppress(FileNotFoundError):
                changed_at_ms = int(entry.stat(follow_symlinks=False).st_mtime * 1000)
                yield Kept(Path(entry.path), room_id, int(name[1]), changed_at_ms)

    def _of(self, room_id: str) -> Path:
        if not is_id(room_id):
            raise ValueError("not an id of a room")
        return self._folder / room_id


def _entries(lines: Iterable[bytes]) -> Iterator[Begun | Said | Ended | None]:
    return (decode(line) for line in lines)
