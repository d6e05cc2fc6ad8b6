"""What another engine than the usual one does, and whom it concerns."""

from media_server.stand_in import StandIn, concerning, stand_ins_of
from pipeline.messages import WorkerStatus


def test_a_worker_says_what_others_do_for_the_usual_engine() -> None:
    """Languages for recognition and synthesis, pairs for translation; region and script do not count."""
    status = WorkerStatus(worker_id="w", stage="recognition", engine="x", healthy=True, at_ms=0)
    assert stand_ins_of(status) == frozenset()
    hears = WorkerStatus(
        worker_id="w", stage="recognition", engine="x", healthy=True, at_ms=0, reduced_languages=("en-US", "de")
    )
    assert stand_ins_of(hears) == {StandIn("recognition", ("en",)), StandIn("recognition", ("de",))}
    pairs = (("en-GB", "es"),)
    translates = WorkerStatus(
        worker_id="w", stage="translation", engine="x", healthy=True, at_ms=0, reduced_pairs=pairs
    )
    assert stand_ins_of(translates) == {StandIn("translation", ("en", "es"))}


def test_who_hears_others_in_another_language_needs_all_three() -> None:
    """How everybody is recognised, how the others are translated, and how that is spoken."""
    assert concerning("es", "es-MX", ["en-GB", "auto"]) == {
        StandIn("recognition", ("es",)),
        StandIn("recognition", ("en",)),
        StandIn("translation", ("en", "es")),
        StandIn("synthesis", ("es",)),
    }


def test_who_understands_everybody_reads_captions_only() -> None:
    """No voice is made for them."""
    assert concerning("auto", "en", ["en"]) == {StandIn("recognition", ("en",))}


def test_nobody_is_concerned_by_a_language_that_is_not_known_yet() -> None:
    """It is told once it is."""
    assert concerning("auto", "en", ["auto"]) == frozenset()
