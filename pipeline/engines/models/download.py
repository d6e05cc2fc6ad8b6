"""One file over HTTP, which goes on where it stopped."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from pipeline.engines.models.errors import UnreachableError

Progress = Callable[[int, int | None], None]
"""Told now and then: how many bytes of a file are here, and how many there will be (None: the server does not say)."""

BLOCK_BYTES = 1 << 18
FINAL = frozenset({400, 401, 403, 404, 410, 451})
"""Statuses that will be the same the next time."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Patience:
    """How long a download is tried."""

    # Tries in a row that bring nothing.
    tries: int = 5
    # Seconds before the second try; then twice as long each time.
    first_s: float = 0.5
    # Seconds to connect, and without a byte, before a try counts as failed.
    connect_s: float = 10.0
    stall_s: float = 30.0


@dataclass(frozen=True)
class Source:
    """What a server says of a file. Empty where it does not say."""

    # The commit, from the Hub's header X-Repo-Commit.
    commit: str = ""
    # From its X-Linked-Etag, which is the sha256 of large files.
    sha256: str = ""


class Downloads:
    """A session with a server; `async with`. Proxies are taken from the environment."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=self._patience.connect_s, sock_read=self._patience.stall_s
        )
        # What is counted and resumed are the file's own bytes.
        headers = {"Accept-Encoding": "identity", "User-Agent": "parley"}
        self._session = aiohttp.ClientSession(timeout=timeout, trust_env=True, headers=headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._session.close()

    async def fetch(self, url: str, part: Path, progress: Progress, *, known: bool = False) -> Source:
        """Bring a file, into `part`; what is there of it already is not brought again, unless it changed since.

        Where the server does not tell by a tag that it is still the same file, this goes on only if its checksum is
        `known`, and so will be looked at.

        Raises:
            UnreachableError: it cannot be had; what came stays there.
        """
        failures = 0
        while True:
            before = _size(part)
            try:
                return await self._try(url, part, progress, known=known)
            except _RefusedError as error:
                raise UnreachableError(url, str(error)) from None
            except (aiohttp.ClientError, TimeoutError, OSError, _BrokenError) as error:
                if isinstance(error, OSError) and not isinstance(error, aiohttp.ClientError | TimeoutError):
                    raise  # of this machine's disk, not of the way there
                failures = 1 if _size(part) > before else failures + 1
                if failures >= self._patience.tries:
                    raise UnreachableError(url, str(error) or "it does not answer") from None
            await asyncio.sleep(self._patience.first_s * 2 ** (failures - 1))

    async def _try(self, url: str, part: Path, progress: Progress, *, known: bool) -> Source:
        tag = part.with_name(part.name + ".etag")
        etag = _text(tag)
        here = _size(part) if etag or known else 0
        headers = {"Range": f"bytes={here}-"} if here else {}
        if here and etag:
            # If it is another file by now, all of it comes.
            headers["If-Range"] = etag
        async with self._session.get(url, headers=headers) as answer:
            if answer.status == 416:  # there is nothing behind what is here: it is whole, or of another file
                if here == _total(answer.headers.get("Content-Range", "")):
                    return _source(answer)
                _forget(part)
                raise _BrokenError("what was here is of another file")
            if answer.status in FINAL:
                raise _RefusedError(f"{answer.status} {answer.reason}")
            if answer.status not in (200, 206):
                raise _BrokenError(f"{answer.status} {answer.reason}")
            goes_on = answer.status == 206
            if goes_on and _begin(answer.headers.get("Content-Range", "")) != here:
                _forget(part)
                raise _BrokenError("it sends another part than was asked for")
            _note(tag, _strong(answer.headers.get("ETag", "")))
            await _save(answer, part, here if goes_on else 0, progress)
            _forget(tag)
            return _source(answer)


async def _save(answer: aiohttp.ClientResponse, part: Path, here: int, progress: Progress) -> None:
    total = None if answer.content_length is None else here + answer.content_length
    with part.open("ab" if here else "wb") as file:
        progress(here, total)
        async for block in answer.content.iter_chunked(BLOCK_BYTES):
            file.write(block)
            here += len(block)
            progress(here, total)
    if total is not None and here != total:
        raise _BrokenError(f"it broke off after {here} of {total} bytes")


class _BrokenError(Exception):
    """It may go better the next time."""


class _RefusedError(Exception):
    """It will not."""


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _note(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


def _strong(etag: str) -> str:
    """Only strong tags may stand in If-Range (RFC 9110, 13.1.5)."""
    return "" if etag.startswith("W/") else etag


def _begin(content_range: str) -> int | None:
    """Read where a part begins: `bytes 100-199/200` gives 100 (RFC 9110, 14.4)."""
    found = re.match(r"bytes (\d+)-", content_range)
    return int(found[1]) if found else None


def _total(content_range: str) -> int | None:
    found = re.search(r"/(\d+)$", content_range)
    return int(found[1]) if found else None


def _source(answer: aiohttp.ClientResponse) -> Source:
    """Read what the Hub's headers say; they are on its own answer, before it sends us to where large files lie."""
    commit = sha256 = ""
    for each in (*answer.history, answer):
        said = each.headers.get("X-Linked-Etag", "").removeprefix("W/").strip('"')
        sha256 = sha256 or (said if _SHA256.fullmatch(said) else "")
        revision = each.headers.get("X-Repo-Commit", "")
        commit = commit or (revision if _COMMIT.fullmatch(revision) else "")
    return Source(commit, sha256)
