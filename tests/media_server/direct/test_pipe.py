"""Bytes for a thread that reads them."""

import threading

from media_server.direct.pipe import Pipe


def test_what_is_fed_is_read_in_order() -> None:
    """In whatever pieces; then the end, again and again."""
    pipe = Pipe(100)
    assert pipe.feed(b"abc")
    assert pipe.feed(b"def")
    assert (pipe.waiting, pipe.read(4), pipe.read()) == (6, b"abcd", b"ef")
    pipe.end()
    assert (pipe.read(1), pipe.read(1)) == (b"", b"")


def test_more_than_it_holds_is_refused_whole() -> None:
    """Nothing of it is taken; when there is room, it is."""
    pipe = Pipe(4)
    assert pipe.feed(b"abc")
    assert not pipe.feed(b"de")
    assert pipe.read(3) == b"abc"
    assert pipe.feed(b"de")


def test_a_reader_waits_and_is_let_go() -> None:
    """For bytes, and for the end."""
    pipe, read = Pipe(4), []

    def run() -> None:
        while data := pipe.read(2):
            read.append(data)

    thread = threading.Thread(target=run)
    thread.start()
    assert pipe.feed(b"abc")
    pipe.end()
    thread.join(5)
    assert not thread.is_alive()
    assert b"".join(read) == b"abc"


def test_dropping_ends_at_once() -> None:
    """What waits is not read any more, and what comes is not kept."""
    pipe = Pipe(4)
    pipe.feed(b"abc")
    pipe.end(drop=True)
    assert pipe.feed(b"d")
    assert pipe.read(4) == b""
