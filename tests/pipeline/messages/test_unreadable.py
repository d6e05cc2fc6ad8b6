"""What stands for a record that cannot be read."""

from pipeline.messages.codec import SCHEMAS
from pipeline.messages.unreadable import Unreadable


def test_it_stands_where_the_record_stood() -> None:
    """Under the same key, with the bytes untouched."""
    unreadable = Unreadable(record_key="room/ann", value=b"\xc1", why="no schema")
    assert (unreadable.key, unreadable.value) == ("room/ann", b"\xc1")


def test_it_is_never_published() -> None:
    """There is no topic for it, and no schema."""
    assert (Unreadable.TOPIC, Unreadable.SCHEMA) == ("", "")
    assert Unreadable not in SCHEMAS.values()
