"""What was said in a room, and how its readers get it."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.transcripts.entry import VERSION, Begun, Ended, Said
from signaling.transcripts.session import Session


def spoken(text: str, clause: int = 0, *, at: int = 0, language: str = "en", speaker: str = "anna") -> Said:
    return Said(
        utterance_id=f"{speaker}-1",
        clause=clause,
        speaker_id=speaker,
        name=speaker.title(),
        language=language,
        text=text,
        started_at_ms=1_000 * at,
        ended_at_ms=1_000 * at + 800,
    )


def translated(text: str, clause: int = 0, *, at: int = 0, language: str = "es", source: str = "en") -> Said:
    return Said(
        utterance_id="anna-1",
        clause=clause,
        speaker_id="anna",
        name="Anna",
        language=language,
        text=text,
        source_language=source,
        started_at_ms=1_000 * at,
        ended_at_ms=1_000 * at + 800,
    )


def session_of(*entries: Said, most_texts: int = 100) -> Session:
    session = Session("demo", 0, most_texts=most_texts)
    for entry in entries:
        session.take(entry)
    return session


def read(session: Session, language: str | None) -> list[str]:
    return [cue.said.text for cue in session.cues(language)]


def test_each_text_is_kept_once() -> None:
    """What comes again is no news; what is said in another language is."""
    session = session_of()
    assert session.take(spoken("one"))
    assert not session.take(spoken("one"))
    assert not session.take(spoken("won"))
    assert session.take(translated("uno"))
    assert session.take(translated("un", language="fr"))
    assert len(session) == 3
    assert session.languages == {"en", "es", "fr"}


def test_a_reader_gets_their_language_where_there_is_one() -> None:
    """And what was said where there is not; without a language, everything as it was said."""
    session = session_of(
        spoken("one"),
        translated("uno"),
        spoken("two", 1, at=1),
        spoken("tres", 2, at=2, language="es", speaker="bea"),
        translated("vier", 3, at=3, language="de"),
    )
    assert read(session, "es-MX") == ["uno", "two", "tres"]
    assert read(session, "en") == ["one", "two", "tres"]
    assert read(session, None) == ["one", "two", "tres"]
    assert read(session, "de") == ["one", "two", "tres", "vier"]
    assert [cue.source and cue.source.text for cue in session.cues("es")] == ["one", None, None]


def test_of_several_translations_a_reader_gets_their_own() -> None:
    """Where both can be read."""
    session = session_of(spoken("car"), translated("coche"), translated("carro", language="es-MX"))
    assert read(session, "es-MX") == ["carro"]
    assert read(session, "es") == ["coche"]


def test_what_comes_late_stands_where_it_was_said() -> None:
    """Speakers who overlap are in the order in which they began."""
    session = session_of(spoken("third", 2, at=3), spoken("first", at=1), spoken("second", at=2, speaker="bea"))
    assert read(session, None) == ["first", "second", "third"]


def test_a_full_session_takes_nothing_more() -> None:
    """And says so."""
    session = session_of(spoken("one"), spoken("two", 1), spoken("three", 2), most_texts=2)
    assert session.is_full
    assert len(session) == 2


def test_a_session_is_read_from_its_lines() -> None:
    """Those that are none are passed over; without a beginning there is no session."""
    lines = [Begun(version=VERSION, room_id="demo", at_ms=5), None, spoken("one"), spoken("one"), Ended(at_ms=9)]
    session = Session.read([*lines, translated("uno")], most_texts=100)
    assert session is not None
    assert (session.room_id, session.started_at_ms, session.ended_at_ms, len(session)) == ("demo", 5, 9, 2)
    assert Session.read(lines[1:], most_texts=100) is None


def test_a_copy_does_not_change() -> None:
    """Whatever is said meanwhile."""
    session = session_of(spoken("one"))
    copy = session.copy()
    session.take(translated("uno"))
    session.take(spoken("two", 1))
    assert read(copy, "es") == ["one"]
    assert len(copy) == 1


def test_a_session_knows_what_it_has() -> None:
    """A language that is read or understood."""
    session = session_of(spoken("你好", language="zh-Hans"))
    assert session.has("zh-Hans")
    assert session.has("zh-Hant")
    assert not session.has("es")


@given(st.permutations([spoken("one"), translated("uno"), translated("un", language="fr"), spoken("two", 1, at=1)] * 2))
def test_the_order_of_texts_changes_nothing(entries: list[Said]) -> None:
    """Nor how often they come."""
    session = session_of(*entries)
    assert read(session, "es") == ["uno", "two"]
    assert read(session, "fr") == ["un", "two"]
    assert read(session, None) == ["one", "two"]
