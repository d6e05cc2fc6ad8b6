"""People are told when another engine than the usual one serves them."""

from collections.abc import Iterable

import msgspec

from media_server.events import Notice
from pipeline.messages import Stage
from tests.fakes.hall import Hall, Page


def reduce(hall: Hall, stage: Stage, *, languages: Iterable[str] = (), pairs: Iterable[tuple[str, str]] = ()) -> None:
    """Let a worker say for which languages or pairs it has to make do."""
    hall.worker(
        stage,
        lambda status: msgspec.structs.replace(
            status, rung=1, reduced_languages=tuple(languages), reduced_pairs=tuple(pairs)
        ),
    )


def told(page: Page) -> list[tuple[str, str | None, tuple[str, ...]]]:
    return [(event.code, event.stage, event.languages) for event in page.events(Notice)]


async def test_a_changed_engine_is_told_and_taken_back() -> None:
    """To whomever it concerns, each time once."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob", speaks="es", hears="es")
    reduce(hall, "translation", pairs=[("en", "es")])
    reduce(hall, "translation", pairs=[("en", "es")])
    assert told(bob) == [("engine_changed", "translation", ("en", "es"))]
    assert bob.events(Notice)[0].text.startswith("Another engine than usual translates en to es")
    assert told(ann) == [], "she hears Spanish in English: that is another pair"
    reduce(hall, "translation")
    assert told(bob)[1:] == [("engine_restored", "translation", ("en", "es"))]
    await hall.room.close()


async def test_whoever_comes_later_is_told() -> None:
    """Once their page knows who is in the room; and a page that comes back, again."""
    hall = Hall()
    await hall.join("ann")
    reduce(hall, "recognition", languages=["en"])
    bob = await hall.join("bob", hears="es")
    assert told(bob) == [("engine_changed", "recognition", ("en",))]
    again = [event for event in bob.participant.catch_up() if isinstance(event, Notice)]
    assert [(event.code, event.stage) for event in again] == [("engine_changed", "recognition")]
    await hall.room.close()


async def test_another_language_is_another_matter() -> None:
    """Whoever begins to listen in a language is told of what concerns it."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob")
    reduce(hall, "synthesis", languages=["es"])
    assert told(bob) == []
    bob.participant.set_languages(listening="es")
    assert told(bob) == [("engine_changed", "synthesis", ("es",))]
    assert told(ann) == []
    await hall.room.close()


async def test_what_concerns_nobody_any_more_is_not_called_restored() -> None:
    """It is told to be over when it is."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    reduce(hall, "translation", pairs=[("en", "es")])
    await ann.participant.leave()
    assert [code for code, _, _ in told(bob)] == ["engine_changed"]
    reduce(hall, "translation")
    assert [code for code, _, _ in told(bob)] == ["engine_changed", "engine_restored"]
    await hall.room.close()


async def test_workers_out_of_reach_have_not_recovered() -> None:
    """Nobody hears of them: what was told still holds."""
    hall = Hall()
    _, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    reduce(hall, "translation", pairs=[("en", "es")])
    hall.clock.advance(hall.settings.status_stale_ms / 1000 + 1)
    assert hall.paths.tick()
    hall.room.paths_changed()
    assert bob.codes == ["engine_changed", "translation_paused"]
    await hall.room.close()


async def test_a_language_that_is_found_out_is_known_from_then_on() -> None:
    """Who speaks `auto` concerns nobody before."""
    hall = Hall()
    ann, bob = await hall.join("ann", speaks="auto"), await hall.join("bob", speaks="fr", hears="fr")
    reduce(hall, "translation", pairs=[("en", "fr")])
    assert told(bob) == []
    ann.begin()
    hall.transcribe(ann)
    assert told(bob) == [("engine_changed", "translation", ("en", "fr"))]
    await hall.room.close()
