"""Links that people copy from their browser."""

import pytest

from parley.desktop.link import Link, read_link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("http://127.0.0.1:8080", Link("http://127.0.0.1:8080")),
        ("http://127.0.0.1:8080/", Link("http://127.0.0.1:8080")),
        (" https://p.example/r/demo\n", Link("https://p.example", "demo")),
        ("https://p.example/r/demo/", Link("https://p.example", "demo")),
        ("https://p.example/r/demo?token=a.b.c&x=1#y", Link("https://p.example", "demo", "a.b.c")),
        ("https://p.example/calls/r/demo", Link("https://p.example/calls", "demo")),
        ("https://p.example/calls/?x=1", Link("https://p.example/calls")),
        ("https://p.example/r", Link("https://p.example/r")),
    ],
)
def test_a_link_is_read(text: str, link: Link) -> None:
    """Server, room and an invitation's token; a path that a proxy puts in front stays."""
    assert read_link(text) == link


@pytest.mark.parametrize("text", ["", "demo", "127.0.0.1:8080", "ftp://p.example/r/demo", "http:///r/demo"])
def test_what_is_no_link_is_told(text: str) -> None:
    """With one that is."""
    with pytest.raises(ValueError, match=r"https?://"):
        read_link(text)
