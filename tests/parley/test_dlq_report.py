"""Dead letters in words."""

from parley.dlq import Entry, Place
from parley.dlq_report import as_document, render, whole_document
from pipeline.messages import DeadLetter
from tests.fakes.letters import letter
from tests.pipeline.support import chunk, transcript


def entry(of: DeadLetter) -> Entry:
    return Entry.of(of, Place(0, 3))


def test_a_table_has_a_line_for_each_letter() -> None:
    """With its id first."""
    lines = render([entry(letter(offset=1)), entry(letter(offset=2))]).splitlines()
    assert lines[0].split()[:2] == ["ID", "FAILED"]
    assert [line.split()[0] for line in lines[1:]] == [letter(offset=1).id, letter(offset=2).id]
    assert "text.original/1/2" in lines[2]


def test_a_document_says_everything_but_what_was_said() -> None:
    """Unless somebody asks for it."""
    secret = letter(transcript("secret", final=True))
    document = whole_document(entry(secret), secret)
    assert (document["stage"], document["place"]) == ("translation", {"partition": 0, "offset": 3})
    assert document["originals"][0]["characters"] == 6
    assert "secret" not in repr(document)
    assert whole_document(entry(secret), secret, with_text=True)["originals"][0]["text"] == "secret"
    assert "originals" not in as_document(entry(secret))


def test_originals_are_described_each_by_its_kind() -> None:
    """Sound by its place in the utterance, what cannot be read by its beginning."""
    sound = letter(chunk(0), chunk(100))
    assert [one["start_ms"] for one in whole_document(entry(sound), sound)["originals"]] == [0, 100]
    bad = letter(originals=(b"\xc1\xff",))
    assert whole_document(entry(bad), bad)["originals"][0]["begins_with"] == "c1 ff"
    damaged = letter(originals=(b"\xc1",), compression="zlib")
    assert "damaged" in whole_document(entry(damaged), damaged)["originals"][0]
