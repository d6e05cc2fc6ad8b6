"""A module of the tests as a process of its own, which answers questions in JSON lines."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Child:
    """The parent's end. A context manager: leaving it closes the child's input, upon which it ends."""

    def __init__(self, module: str, *arguments: str, log: Path) -> None:
        """Start it; what it says on standard error goes into the file `log`."""
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    @cached_property
    def greeting(self) -> Any:
        """What it says first of all, once it is ready; to be read before it is asked anything."""
        return self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._process, self._log:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def ask(self, question: str) -> Any:
        """Ask, and wait for the answer."""
        self.tell(question)
        return self._read()

    def tell(self, line: str) -> None:
        """Say something that is not answered."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the process ended: {Path(self._log.name).read_text()[-2000:]}"
        return json.loads(line)


async def answer(greeting: object, answers: Mapping[str, Callable[[], object]]) -> None:
    """Be the child: greet, then answer each question until standard input closes. Nothing was read from it so far."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _tell(greeting)
    async for line in reader:
        _tell(answers[line.decode().strip()]())


def _tell(message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
