"""Bytes from the event loop to a thread that reads them like a file."""

import threading


class Pipe:
    """Holds at most `size` bytes; more is refused by `feed`. `read` waits in the reading thread, and only there."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._data = bytearray()
        self._ended = False
        self._news = threading.Condition()

    @property
    def waiting(self) -> int:
        """How many bytes wait to be read."""
        return len(self._data)

    def feed(self, data: bytes) -> bool:
        """Take bytes; False, taking nothing, if there is no room for them. After `end` they are dropped."""
        with self._news:
            if len(self._data) + len(data) > self._size:
                return False
            if not self._ended:
                self._data += data
                self._news.notify()
            return True

    def end(self, *, drop: bool = False) -> None:
        """Let the reader see the end behind what waits; with `drop`, at once. Idempotent."""
        with self._news:
            self._ended = True
            if drop:
                self._data.clear()
            self._news.notify()

    def read(self, size: int = -1) -> bytes:
        """Wait for something, and give up to `size` bytes of it; b"" at the end."""
        with self._news:
            while not self._data and not self._ended:
                self._news.wait()
            size = len(self._data) if size < 0 else min(size, len(self._data))
            data = bytes(self._data[:size])
            del self._data[:size]
            return data
