"""Which language is heard."""

from pipeline.engines.whisper.language import FixedLanguage, LanguageChoice, SpeakersLanguages
from pipeline.messages.language import AUTO


def choice(before: str | None = None, **options: object) -> LanguageChoice:
    return LanguageChoice(before, switch=0.7, **options)  # type: ignore[arg-type]


def test_a_stranger_speaks_the_likeliest_language() -> None:
    """However unsure; the probability is told."""
    heard = choice()
    assert (heard.tag, heard.probability) == (AUTO, None)
    assert heard.hear({"en": 0.4, "de": 0.35}) == "en"
    assert (heard.tag, heard.probability) == ("en", 0.4)


def test_another_language_must_be_sure_twice_in_a_row() -> None:
    """One short sound does not change it, nor two that are unsure."""
    heard = choice("en")
    assert heard.hear({"en": 0.1, "cy": 0.9}) == "en"
    assert heard.hear({"en": 0.8, "cy": 0.2}) == "en"
    assert heard.hear({"en": 0.1, "cy": 0.9}) == "en"
    assert heard.hear({"en": 0.4, "cy": 0.6}) == "en"
    assert [heard.hear({"en": 0.1, "de": 0.9}) for _ in range(2)] == ["en", "de"]
    assert heard.probability == 0.9


def test_it_stays_once_words_were_committed() -> None:
    """Half a sentence in another language helps nobody; the model is not asked again."""
    heard = choice()
    heard.hear({"en": 0.6})
    heard.settle()
    assert [heard.hear({"en": 0.1, "de": 0.9}) for _ in range(3)] == ["en"] * 3
    assert heard.asked(5.0) == "en"


def test_little_sound_is_not_asked_where_a_language_is_known() -> None:
    """A stranger is always asked."""
    assert choice("es", from_s=1.0).asked(0.9) == "es"
    assert callable(choice("es", from_s=1.0).asked(1.0))
    assert callable(choice(from_s=1.0).asked(0.1))


def test_only_allowed_languages_are_looked_for() -> None:
    """Unless the model says nothing of them."""
    assert choice(allowed=["en", "es"]).hear({"gl": 0.5, "es": 0.3, "en": 0.2}) == "es"
    assert choice(allowed=["xx"]).hear({"gl": 0.5, "es": 0.3}) == "gl"


def test_a_language_is_told_by_its_tag() -> None:
    """Not by the model's own name for it."""
    heard = choice(tag_of={"jw": "jv"}.__getitem__)
    heard.hear({"jw": 1.0})
    assert (heard.code, heard.tag) == ("jw", "jv")


def test_a_fixed_language_stays() -> None:
    """And says nothing of a probability."""
    fixed = FixedLanguage("jv", "jw")
    fixed.settle()
    assert (fixed.tag, fixed.probability, fixed.asked(0.1)) == ("jv", None, "jw")


def test_speakers_are_remembered() -> None:
    """By their key; who comes without one is nobody."""
    speakers = SpeakersLanguages()
    speakers.learn("ann", "es")
    speakers.learn("", "de")
    speakers.learn("bob", None)
    assert [speakers.recall(each) for each in ("ann", "", "bob")] == ["es", None, None]
