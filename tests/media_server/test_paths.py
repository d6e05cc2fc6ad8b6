"""What can be translated, by what workers say."""

import msgspec

from media_server.paths import FORGOTTEN_MS, MAX_WORKERS, Paths, PathState
from media_server.stand_in import StandIn
from pipeline.messages import Stage, WorkerStatus
from tests.fakes.clock import EPOCH_MS, FakeClock


def status(
    stage: Stage,
    *,
    worker: str = "",
    languages: tuple[str, ...] = (),
    pairs: tuple[tuple[str, str], ...] = (),
    healthy: bool = True,
    age_ms: int = 0,
) -> WorkerStatus:
    return WorkerStatus(
        worker_id=worker or stage,
        stage=stage,
        engine="scripted",
        healthy=healthy,
        languages=languages,
        pairs=pairs,
        at_ms=EPOCH_MS - age_ms,
    )


RECOGNITION = status("recognition", languages=("en-US",))
TRANSLATION = status("translation", pairs=(("en", "es"), ("en", "ca")))
SYNTHESIS = status("synthesis", languages=("es", "en"))


def paths_with(*statuses: WorkerStatus, clock: FakeClock | None = None) -> Paths:
    paths = Paths(clock or FakeClock())
    for each in statuses:
        paths.update(each)
    return paths


def test_all_three_stages_make_a_path() -> None:
    """A pair can be translated when it is recognised, translated and spoken."""
    paths = paths_with(RECOGNITION, TRANSLATION)
    assert not paths.can("en", "es")
    paths.update(SYNTHESIS)
    assert paths.can("en", "es")
    assert not paths.can("en", "ca"), "nobody speaks Catalan"
    assert not paths.can("es", "en"), "nobody recognises Spanish"


def test_region_and_script_do_not_count() -> None:
    """A recogniser of American English serves a British speaker, a Spanish voice a Mexican listener."""
    assert paths_with(RECOGNITION, TRANSLATION, SYNTHESIS).can("en-GB", "es-MX")


def test_updates_say_whether_anything_changed() -> None:
    """A status that says nothing new is no change."""
    paths = paths_with()
    assert paths.update(RECOGNITION)
    assert not paths.update(RECOGNITION)


def test_stale_worker_does_not_count() -> None:
    """Six seconds after its last word a worker is as good as down, and what it did is paused."""
    clock = FakeClock()
    paths = paths_with(RECOGNITION, TRANSLATION, SYNTHESIS, clock=clock)
    clock.advance(5.9)
    assert not paths.tick()
    clock.advance(0.2)
    assert paths.tick()
    assert not paths.can("en", "es")
    assert paths.state("en", "es") is PathState.PAUSED


def test_unhealthy_worker_pauses_its_paths() -> None:
    """A worker that says it cannot work pauses what it serves, and its recovery resumes it."""
    paths = paths_with(RECOGNITION, TRANSLATION, SYNTHESIS)
    paths.update(status("translation", pairs=TRANSLATION.pairs, healthy=False))
    assert paths.state("en", "es") is PathState.PAUSED
    paths.update(TRANSLATION)
    assert paths.state("en", "es") is PathState.HEALTHY


def test_what_nobody_ever_offered_is_no_path() -> None:
    """A pair that no worker ever spoke of is told from one that is down."""
    assert paths_with(RECOGNITION, TRANSLATION, SYNTHESIS).state("en", "cy") is PathState.NONE


def test_one_of_two_workers_is_enough() -> None:
    """A path lives as long as one worker serves each stage."""
    paths = paths_with(RECOGNITION, TRANSLATION, SYNTHESIS)
    paths.update(status("translation", worker="other", pairs=(("en", "es"),)))
    paths.update(status("translation", pairs=TRANSLATION.pairs, healthy=False))
    assert paths.can("en", "es")


def test_auto_means_the_only_recognisable_language() -> None:
    """With one recognisable language, `auto` is that; with none or several it stays `auto`."""
    paths = paths_with()
    assert paths.resolve_spoken("auto") == "auto"
    paths.update(RECOGNITION)
    assert paths.resolve_spoken("auto") == "en-US"
    assert paths.resolve_spoken("fr") == "fr"
    paths.update(status("recognition", worker="second", languages=("de",)))
    assert paths.resolve_spoken("auto") == "auto"


def test_auto_reaches_what_any_recognised_language_reaches() -> None:
    """A path from `auto` exists where one exists from any language that is recognised."""
    paths = paths_with(RECOGNITION, TRANSLATION, SYNTHESIS)
    assert paths.can("auto", "es")
    assert not paths.can("auto", "cy")


def test_menu_has_reachable_and_recognisable_languages() -> None:
    """The menus offer what can be heard as a voice, and what is recognised and so heard as it is."""
    paths = paths_with(RECOGNITION, TRANSLATION, SYNTHESIS)
    assert paths.targets() == ("en-US", "es")
    assert paths.recognisable == {"en-US"}


def test_known_languages_stay_known() -> None:
    """A recogniser that went silent is still known of; a language nobody recognised is not."""
    clock = FakeClock()
    paths = paths_with(RECOGNITION, clock=clock)
    clock.advance(60)
    paths.tick()
    assert paths.knows("en")
    assert paths.knows("auto")
    assert not paths.knows("fr")
    assert not paths_with().knows("auto")


def test_workers_are_bounded() -> None:
    """Of too many workers the one that has been silent longest is forgotten."""
    paths = paths_with(RECOGNITION, TRANSLATION, SYNTHESIS)
    for number in range(MAX_WORKERS):
        paths.update(status("synthesis", worker=f"w{number}", languages=("fr",)))
    assert not paths.can("en", "es")


def test_without_the_bus_everything_pauses() -> None:
    """Whatever the workers said last; when it is back, their word counts again, unless they have gone silent."""
    clock = FakeClock()
    paths = paths_with(RECOGNITION, TRANSLATION, SYNTHESIS, clock=clock)
    assert paths.connect(False)
    assert not paths.connected
    assert (paths.state("en", "es"), paths.state("en", "cy")) == (PathState.PAUSED, PathState.NONE)
    assert paths.knows("en"), "who speaks is heard on, so that it can go on at once"
    assert not paths.connect(False)
    assert paths.connect(True)
    assert paths.state("en", "es") is PathState.HEALTHY
    paths.connect(False)
    clock.advance(7)
    assert not paths.connect(True)
    assert paths.state("en", "es") is PathState.PAUSED


def test_what_the_bus_has_kept_of_a_worker_proves_nothing() -> None:
    """A node that starts hears the last word of workers long dead; one that speaks again is alive."""
    paths = paths_with(RECOGNITION, TRANSLATION, status("synthesis", languages=("es",), age_ms=6_001))
    assert paths.state("en", "es") is PathState.PAUSED
    paths.update(status("synthesis", languages=("es",), age_ms=6_001))
    assert paths.state("en", "es") is PathState.HEALTHY, "its clock is wrong, but it lives"


def test_a_worker_of_another_age_is_none() -> None:
    """What nobody can do any more is not promised to come back."""
    paths = paths_with(RECOGNITION, TRANSLATION, status("synthesis", languages=("es",), age_ms=FORGOTTEN_MS))
    assert paths.state("en", "es") is PathState.NONE


def test_stand_ins_are_known_until_their_worker_says_otherwise() -> None:
    """Also of a worker that is not healthy; and one of several workers is enough."""
    reduced = msgspec.structs.replace(TRANSLATION, reduced_pairs=(("en", "es"),))
    paths = paths_with(RECOGNITION, TRANSLATION, SYNTHESIS)
    assert paths.stand_ins == frozenset()
    assert paths.update(reduced), "that is a change"
    assert paths.stand_ins == {StandIn("translation", ("en", "es"))}
    paths.update(msgspec.structs.replace(reduced, healthy=False))
    paths.update(status("translation", worker="other", pairs=(("en", "es"),)))
    assert paths.stand_ins == {StandIn("translation", ("en", "es"))}
    assert paths.update(TRANSLATION)
    assert paths.stand_ins == frozenset()


def test_while_nobody_is_heard_nothing_has_recovered() -> None:
    """What was known last still holds."""
    clock = FakeClock()
    reduced = msgspec.structs.replace(TRANSLATION, reduced_pairs=(("en", "es"),))
    paths = paths_with(RECOGNITION, reduced, SYNTHESIS, clock=clock)
    clock.advance(6.1)
    assert paths.tick()
    assert paths.stand_ins == {StandIn("translation", ("en", "es"))}


def test_reading_needs_no_voice() -> None:
    """Where synthesis is away, words are translated for readers; without recognition, nothing is."""
    paths = paths_with(RECOGNITION, TRANSLATION)
    assert paths.can_read("en", "es-MX")
    assert not paths.can("en", "es-MX")
    assert paths.can_read("auto", "es")
    assert not paths.can_read("en", "cy")
    assert not paths_with(TRANSLATION, SYNTHESIS).can_read("en", "es")


def test_workers_are_told_as_long_as_they_are_heard() -> None:
    """What each said last; who has gone silent is not among them."""
    clock = FakeClock()
    paths = paths_with(RECOGNITION, TRANSLATION, clock=clock)
    clock.advance(5)
    paths.update(TRANSLATION)
    assert paths.statuses() == [RECOGNITION, TRANSLATION]
    clock.advance(5)
    assert paths.statuses() == [TRANSLATION]
