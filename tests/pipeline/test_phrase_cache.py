"""Short phrases that are said again and again."""

import pytest

from pipeline.phrase_cache import PHRASES, Phrase, PhraseCache

THANKS = Phrase("en", "es", "thanks", "deepl", "default", ())


def cache(rooms: int = 2, size: int = 2, longest: int = 10) -> PhraseCache:
    return PhraseCache(rooms=rooms, size=size, longest=longest)


def test_a_phrase_is_remembered_by_room() -> None:
    """What one room said is none of another's business."""
    phrases = cache()
    phrases.set("a", THANKS, "gracias")
    assert phrases.get("a", THANKS) == "gracias"
    assert phrases.get("b", THANKS) is None


@pytest.mark.parametrize(
    "other",
    [
        {"source": "ca"},
        {"target": "fr"},
        {"text": "Thanks"},
        {"engine": "apertium"},
        {"formality": "more"},
        {"glossary": (("thanks", "merci"),)},
    ],
)
def test_whatever_changes_a_translation_is_another_phrase(other: dict[str, object]) -> None:
    """Each on its own."""
    phrases = cache()
    phrases.set("a", THANKS, "gracias")
    assert phrases.get("a", THANKS._replace(**other)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "a text that is too long"])
def test_only_short_phrases_are_remembered(text: str) -> None:
    """Longer ones are hardly said twice."""
    phrases = cache()
    phrases.set("a", THANKS._replace(text=text), "x")
    assert phrases.get("a", THANKS._replace(text=text)) is None
    assert len(phrases) == 0
    assert not cache(longest=0).takes(THANKS)


def test_what_was_said_longest_ago_goes_first() -> None:
    """Phrases and rooms; what is said again is new."""
    phrases = cache()
    for text in ("one", "two", "one", "three"):
        phrase = THANKS._replace(text=text)
        if phrases.get("a", phrase) is None:
            phrases.set("a", phrase, text)
    assert [phrases.get("a", THANKS._replace(text=text)) for text in ("one", "two", "three")] == ["one", None, "three"]
    for room in ("b", "c"):
        phrases.set(room, THANKS, "gracias")
    assert phrases.get("a", THANKS._replace(text="one")) is None
    assert len(phrases) == 2


def test_a_room_that_ended_is_forgotten() -> None:
    """Twice is harmless."""
    phrases = cache()
    phrases.set("a", THANKS, "gracias")
    phrases.forget("a")
    phrases.forget("a")
    assert phrases.get("a", THANKS) is None


def test_hits_are_counted() -> None:
    """And misses, so that the share is known; no room is named."""

    def counted(found: str) -> float:
        return PHRASES.labels(found)._value.get()  # type: ignore[no-any-return]

    phrases, before = cache(), (counted("yes"), counted("no"))
    phrases.get("a", THANKS)
    phrases.set("a", THANKS, "gracias")
    phrases.get("a", THANKS)
    assert (counted("yes"), counted("no")) == (before[0] + 1, before[1] + 1)
