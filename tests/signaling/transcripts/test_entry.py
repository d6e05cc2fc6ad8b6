"""The lines of a transcript's file."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.transcripts.entry import VERSION, Begun, Ended, Said, decode, encode, said
from tests.fakes.said import transcript, translation


def test_what_is_kept_of_a_text() -> None:
    """Its ids, its words, whose they are, and when they were said."""
    text = translation("buenos\n días ", "good morning", clause=2, start_ms=400, end_ms=1_400, ended_at_ms=5_000)
    assert said(text, "Anna") == Said(
        utterance_id="u1",
        clause=2,
        speaker_id="anna",
        name="Anna",
        language="es",
        text="buenos días",
        source_language="en",
        started_at_ms=4_000,
        ended_at_ms=5_000,
    )


def test_what_is_not_kept() -> None:
    """Interim text, tombstones, and ends at which nothing was said."""
    for text in (
        transcript("good", final=False),
        transcript("good", final=False, speculative=True),
        transcript(""),
        transcript("  "),
        transcript("", skipped=True),
        translation("", "good", skipped=True),
    ):
        assert said(text, None) is None


@given(st.text(), st.one_of(st.none(), st.text()), st.integers(0, 2**53))
def test_lines_come_back_as_they_were(text: str, name: str | None, at_ms: int) -> None:
    """Whatever is said is one line."""
    line = Said(
        utterance_id="u", clause=0, speaker_id="p", name=name, language="en", text=text, started_at_ms=0, ended_at_ms=1
    )
    for entry in (line, Begun(version=VERSION, room_id="demo", at_ms=at_ms), Ended(at_ms=at_ms)):
        written = encode(entry)
        assert written.count(b"\n") == 1
        assert decode(written) == entry


def test_what_is_no_line_is_passed_over() -> None:
    """Half of one, another kind, or noise."""
    whole = encode(Ended(at_ms=1))
    for line in (whole[:-5], b"", b"\n", b"null", b'{"kind":"sung"}', b"\xff\xfe", b'{"kind":"said"}'):
        assert decode(line) is None
    assert decode(b'{"kind":"ended","at_ms":1,"later":"field"}') == Ended(at_ms=1)
