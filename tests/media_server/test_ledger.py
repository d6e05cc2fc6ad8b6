"""When each utterance passed each stage."""

import msgspec
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from media_server.figures import UtteranceFigures
from media_server.ledger import MAX_UTTERANCES, Ledger
from media_server.targets import tongue
from media_server.utterance import Utterance
from pipeline.messages import Times, Transcript
from tests.fakes.clock import EPOCH_MS, FakeClock
from tests.fakes.speech import end, record, utterance

ES = tongue("es")


class Books:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.ledger = Ledger(self.clock, 10_000)
        self.figures: list[UtteranceFigures] = []
        self.ledger.hooks.append(self.figures.append)
        self.utterance = utterance(ended=False)
        self.ledger.started("hall", self.utterance, "auto")

    def end(self, *languages: str) -> None:
        """Let the speech end now, and its end be decided 300 ms later."""
        end(self.utterance)
        self.utterance.ended_at_ms = EPOCH_MS + 300
        self.clock.advance(0.3)
        self.ledger.ended(self.utterance, languages)

    def recognised(self, *, clause: int = 0, text: str = "a secret", last: bool = True) -> None:
        times = Times(recognition_out_ms=EPOCH_MS + 320)
        transcript = transcript_of(self.utterance, clause, text)
        self.ledger.recognised(msgspec.structs.replace(transcript, last=last, times=times))

    def sent(self, clause: int = 0, *, arrives: bool = True) -> None:
        times = Times(
            captured_at_ms=EPOCH_MS + 300,
            recognition_in_ms=EPOCH_MS + 302,
            recognition_out_ms=EPOCH_MS + 320,
            translation_in_ms=EPOCH_MS + 323,
            translation_out_ms=EPOCH_MS + 325,
            synthesis_in_ms=EPOCH_MS + 329,
            synthesis_out_ms=EPOCH_MS + 350,
        )
        speech = msgspec.structs.replace(record(self.utterance, clause), times=times)
        if arrives:
            self.ledger.arrived(ES, speech)
            self.ledger.arrived(ES, speech)
        self.ledger.sent(self.utterance.utterance_id, ES, speech)


def transcript_of(of: Utterance, clause: int, text: str) -> Transcript:
    return Transcript(
        room_id="hall",
        user_id=of.speaker_id,
        sequence_number=1,
        utterance_id=of.utterance_id,
        payload=text,
        language="en",
        clause=clause,
        is_final=True,
    )


@pytest.fixture
def books() -> Books:
    return Books()


def test_line_tells_the_stages_and_no_text(books: Books) -> None:
    """One line when the voice is done with: ids, times counted from the end of the speech, no words."""
    with capture_logs() as logs:
        books.end("es")
        books.recognised()
        books.clock.advance(0.1)
        books.sent()
        books.ledger.finished("u1", ES)
    assert logs == [
        {
            "event": "utterance",
            "log_level": "info",
            "room_id": "hall",
            "speaker_id": "ann",
            "utterance_id": "u1",
            "language": "en",
            "duration_ms": 1000,
            "clauses": 1,
            "ended_ms": 300,
            "recognised_ms": 320,
            "voices": {
                "es": {
                    "clauses": 1,
                    "lost": {},
                    "translated_ms": 325,
                    "synthesised_ms": 350,
                    "arrived_ms": 400,
                    "hops_ms": {"recognition": 2, "translation": 3, "synthesis": 4, "node": 50},
                    "first_packet_ms": 400,
                    "heard_ms": None,
                }
            },
        }
    ]


def test_figures_are_given_to_hooks(books: Books) -> None:
    """A benchmark reads the same in process, clause by clause."""
    books.recognised(clause=0, last=False)
    books.sent(0)
    books.end("es")
    books.recognised(clause=1)
    books.sent(1)
    books.ledger.finished("u1", ES)
    (figures,) = books.figures
    assert (figures.clauses, figures.last_clause) == (2, 1)
    assert [clause.clause for clause in figures.voices[0].clauses] == [0, 1]
    assert figures.voices[0].clauses[1].first_packet_at_ms == books.clock.epoch_ms()
    assert figures.voices[0].clauses[1].translated_at_ms == EPOCH_MS + 325


def test_without_listeners_the_transcript_ends_it(books: Books) -> None:
    """When nobody is to hear a voice the line comes with the last words."""
    books.end()
    assert books.figures == []
    books.recognised()
    assert len(books.figures) == 1


def test_what_does_not_come_is_not_awaited_for_ever(books: Books) -> None:
    """Ten seconds after the end the line is written with what there is."""
    books.end("es")
    books.recognised()
    books.clock.advance(9.0)
    books.ledger.tick()
    assert books.figures == []
    books.clock.advance(2.0)
    books.ledger.tick()
    assert books.figures[0].voices[0].clauses == ()


def test_losses_are_counted(books: Books) -> None:
    """A clause that was too late is in the line."""
    books.end("es")
    books.ledger.lost("u1", ES, "late")
    books.recognised()
    books.ledger.finished("u1", ES)
    assert books.figures[0].voices[0].lost == {"late": 1}


def test_latency_is_that_of_the_last_words() -> None:
    """The histogram gets the end of speech to the first packet of the clause with the last words, and no other."""

    def samples() -> float:
        labels = {"source": "en", "target": "es"}
        return REGISTRY.get_sample_value("parley_voice_latency_seconds_count", labels) or 0.0

    before = samples()
    complete, incomplete = Books(), Books()
    for books in (complete, incomplete):
        books.recognised(clause=0, last=False)
        books.end("es")
        books.recognised(clause=1)
        books.sent(0)
    complete.sent(1)
    for books in (complete, incomplete):
        books.ledger.finished("u1", ES)
    assert samples() - before == 1


def test_the_way_through_the_pipeline_is_timed_once_a_clause(books: Books) -> None:
    """From its last sound at the node to its voice's first record there, for the two languages."""

    def sample(what: str) -> float:
        labels = {"source": "en", "target": "es"}
        return REGISTRY.get_sample_value(f"parley_pipeline_seconds_{what}", labels) or 0.0

    count, total = sample("count"), sample("sum")
    books.recognised(last=False)
    books.clock.advance(0.4)
    books.sent()
    assert sample("count") - count == 1
    assert sample("sum") - total == pytest.approx(0.1)


def test_what_never_came_by_the_bus_has_no_such_time(books: Books) -> None:
    """Nothing is made up."""
    books.end("es")
    books.recognised()
    books.sent(arrives=False)
    books.ledger.finished("u1", ES)
    assert books.figures[0].voices[0].clauses[0].arrived_at_ms is None


def test_strangers_are_ignored(books: Books) -> None:
    """What is said of utterances of other nodes is nothing."""
    other = utterance("other")
    books.ledger.recognised(transcript_of(other, 0, "words"))
    books.ledger.arrived(ES, record(other))
    books.ledger.sent("other", ES, record(other))
    books.ledger.lost("other", ES, "late")
    books.ledger.finished("other", ES)
    books.ledger.ended(other, ["es"])
    assert books.figures == []


def test_books_are_bounded_and_closed(books: Books) -> None:
    """Of too many utterances the oldest is closed early; closing closes all."""
    for number in range(MAX_UTTERANCES):
        books.ledger.started("hall", utterance(f"n{number}", ended=False), "en")
    assert [figures.utterance_id for figures in books.figures] == ["u1"]
    books.ledger.close()
    assert len(books.figures) == MAX_UTTERANCES + 1


def test_an_utterance_is_awaited_until_it_is_through(books: Books) -> None:
    """While it goes on, and until its last word is recognised and its voices are finished; in its own room only."""
    ledger, now_ms = books.ledger, books.clock.epoch_ms
    assert ledger.awaits("hall", now_ms())
    assert not ledger.awaits("other", now_ms())
    books.end("es")
    books.recognised()
    assert ledger.awaits("hall", now_ms())
    ledger.finished("u1", ES)
    assert not ledger.awaits("hall", now_ms())


def test_an_utterance_that_nothing_came_of_is_not_awaited_for_long(books: Books) -> None:
    """Its line may wait; whoever asks says since when an end is worth waiting for."""
    books.end("es")
    books.clock.advance(5.0)
    assert not books.ledger.awaits("hall", books.clock.epoch_ms() - 4_000)
    assert books.figures == []


def test_a_hook_that_raises_is_no_matter_to_the_others() -> None:
    """It is counted and logged, the other hooks get their figures, and whoever told the ledger notices nothing."""
    books = Books()

    def fail(figures: UtteranceFigures) -> None:
        raise RuntimeError("a hook's fault")

    books.ledger.hooks.insert(0, fail)
    before = REGISTRY.get_sample_value("parley_ledger_hook_faults_total") or 0.0
    with capture_logs() as logs:
        books.recognised()
        books.end()
    assert len(books.figures) == 1
    assert REGISTRY.get_sample_value("parley_ledger_hook_faults_total") == before + 1
    assert [log["event"] for log in logs if log["log_level"] == "error"] == ["ledger_hook_failed"]
