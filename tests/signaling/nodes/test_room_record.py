"""What is kept of a room, as it stands in Redis."""

from signaling.hosting.room_state import RoomState
from signaling.nodes.room_record import EMPTY, RoomRecord, read_record, read_text, write_record, write_text
from tests.pipeline.support import transcript, translation


def test_a_record_comes_back_as_it_was() -> None:
    """With a state and without."""
    state = RoomState(room_id="demo", locked=True, admitted=frozenset({"ann"}), glossary={"cat": {"es": "gato"}})
    for record in (EMPTY, RoomRecord(state=state, pages={"ann": "page1"})):
        assert read_record(write_record(record)) == record


def test_texts_come_back_as_they_were() -> None:
    """Of both kinds."""
    for text in (transcript("hello", final=True), translation("hola", final=True)):
        assert read_text(write_text(text)) == text


def test_what_is_of_another_version_is_nothing() -> None:
    """Whatever it is."""
    for kept in (b"", b"\xff", b"\x80\xff", write_text(transcript("x"))[:-1]):
        assert read_text(kept) is None
    assert read_record(b"\xff") is None
