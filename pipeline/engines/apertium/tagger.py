"""Telling when Apertium's tagger has forgotten itself, and putting a fresh one in its place.

A running `apertium-tagger` of the older kind (hidden Markov models, `-g` alone) does not stay the same: a combination
of tags that it was not trained on seems to replace its set of tags for unknown words for good, and from then on some
clauses come out otherwise than from the program `apertium` (measured: 2 clauses of 337 did it, 3 of 60 later ones came
out differently). With `-d` it says so on its standard error. A fresh one is ready in 5 ms.
"""

import asyncio
import contextlib
import os
from asyncio.subprocess import Process
from typing import Self

from pipeline.engines.spawn import spawn

_NAME = "apertium-tagger"
_SAY_SO = "-d"
_MARKOV = "-g"


def forgets_itself(command: tuple[str, ...]) -> bool:
    """Whether a program of a pipeline is such a tagger."""
    return command[0] == _NAME and [word for word in command[1:-1] if word != "-z"] == [_MARKOV]


class Tagger:
    """A tagger between two pipes, which are kept so that another can take its place."""

    def __init__(self, command: tuple[str, ...], stdin: int, stdout: int, env: dict[str, str]) -> None:
        """Use `start`. `stdin` and `stdout` are file descriptors, duplicated here."""
        self._command = (command[0], _SAY_SO, *command[1:])
        self._env = env
        self._pipes = [os.dup(stdin), os.dup(stdout)]
        self._said, self._saying = os.pipe()
        os.set_blocking(self._said, False)
        self._changed = False
        asyncio.get_running_loop().add_reader(self._said, self._listen)
        self._process: Process | None = None
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, command: tuple[str, ...], stdin: int, stdout: int, env: dict[str, str]) -> Self:
        """Start a tagger between two pipes, whose ends stay the caller's to close.

        Raises:
            OSError: it is not installed.
        """
        tagger = cls(command, stdin, stdout, env)
        try:
            await tagger._begin()
        except BaseException:
            await tagger.close()
            raise
        return tagger

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def refresh(self) -> bool:
        """Put a fresh one in its place, if the last request changed it. Between two requests only."""
        if not self._pipes:
            return False
        self._listen()  # it spoke before it answered
        changed, self._changed = self._changed, False
        if changed:
            await self._end()
            await self._begin()
        return changed

    async def close(self) -> None:
        """End it. Harmless twice."""
        await self._end()
        self._release()

    def _listen(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._changed = bool(os.read(self._said, 1 << 16)) or self._changed

    async def _begin(self) -> None:
        stdin, stdout = self._pipes
        self._process = await spawn(*self._command, stdin=stdin, stdout=stdout, stderr=self._saying, env=self._env)
        self._watching = asyncio.create_task(self._watch(self._process), name="watch apertium-tagger")

    async def _end(self) -> None:
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _watch(self, process: Process) -> None:
        # When it ends by itself, whoever reads from it must see the end of its input.
        await process.wait()
        self._release()

    def _release(self) -> None:
        pipes, self._pipes = self._pipes, []
        if pipes:
            asyncio.get_running_loop().remove_reader(self._said)
            for pipe in (*pipes, self._said, self._saying):
                os.close(pipe)
