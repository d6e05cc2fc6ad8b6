"""A session in memory, and on disk."""

from pathlib import Path

from structlog.testing import capture_logs

from signaling.transcripts.open_session import OpenSession
from signaling.transcripts.session import Session
from signaling.transcripts.settings import TranscriptSettings
from signaling.transcripts.shelf import Shelf
from tests.signaling.transcripts.test_journal import kept_in
from tests.signaling.transcripts.test_session import spoken


async def test_what_is_news_is_written_once(tmp_path: Path) -> None:
    """In memory and on disk stands the same."""
    session = OpenSession(Session("demo", 0, most_texts=9), Shelf(tmp_path), TranscriptSettings())
    assert session.take(spoken("one"))
    assert not session.take(spoken("one"))
    session.end(5)
    await session.close()
    assert kept_in(tmp_path) == ["one"]
    assert session.session.ended_at_ms == 5


async def test_without_a_folder_there_is_memory() -> None:
    """Nothing else is any different."""
    session = OpenSession(Session("demo", 0, most_texts=9), None, TranscriptSettings())
    assert session.take(spoken("one"))
    session.end(5)
    await session.close()
    await session.abandon()
    assert len(session.session) == 1


async def test_that_it_is_full_is_said_once() -> None:
    """In the log, without a word of what was said."""
    session = OpenSession(Session("demo", 0, most_texts=1), None, TranscriptSettings())
    with capture_logs() as logs:
        session.take(spoken("secret"))
        session.take(spoken("secret", 1))
    assert [log["event"] for log in logs] == ["transcript_full"]
    assert "secret" not in str(logs)
