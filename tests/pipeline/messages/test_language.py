"""Language tags, and who understands whom."""

import pytest

from pipeline.messages.language import UnknownLanguageError, hears, normalise, normalise_spoken, reads, spoken


@pytest.mark.parametrize(
    ("tag", "normal"),
    [
        ("EN", "en"),
        ("en_gb", "en-GB"),
        (" pt-br ", "pt-BR"),
        ("cmn-Hant", "zh-Hant"),
        ("eng", "en"),
        ("arb", "ar"),
        ("iw", "he"),
        ("nb", "no"),
        ("yue", "yue"),
    ],
)
def test_a_tag_has_one_spelling(tag: str, normal: str) -> None:
    """However it was written; and normalising again changes nothing."""
    assert normalise(tag) == normal
    assert normalise(normal) == normal


@pytest.mark.parametrize("tag", ["", "english please", "xx", "qq-QQ", "e", "auto", "😀", "en-" + "x" * 300])
def test_what_is_no_language_is_refused_in_plain_words(tag: str) -> None:
    """The message shows what was given, cut short, and what would do."""
    with pytest.raises(UnknownLanguageError, match="is not a language tag: use one like 'en'") as refused:
        normalise(tag)
    assert refused.value.tag == tag
    assert len(str(refused.value)) < 150


def test_a_speaking_language_may_be_found_out() -> None:
    """`auto`, however it is written."""
    assert (normalise_spoken(" AUTO "), normalise_spoken("DE")) == ("auto", "de")


@pytest.mark.parametrize(
    ("one", "other", "understood"),
    [
        ("en-GB", "en-US", True),
        ("zh-Hans", "zh-Hant", True),
        ("sr-Latn", "sr-Cyrl", True),
        ("zh", "yue", False),
        ("es", "pt", False),
    ],
)
def test_who_understands_whose_sound(one: str, other: str, understood: bool) -> None:
    """Region and script do not count, and it is mutual."""
    assert hears(one, other) is understood
    assert hears(other, one) is understood


@pytest.mark.parametrize(
    ("reader", "text", "readable"),
    [("en-GB", "en-US", True), ("zh-Hans", "zh-Hant", False), ("zh-TW", "zh-Hant", True), ("es", "pt", False)],
)
def test_who_can_read_whose_text(reader: str, text: str, readable: bool) -> None:
    """Script counts, written or implied."""
    assert reads(reader, text) is readable


def test_the_spoken_language_is_named_without_the_rest() -> None:
    """Of a normalised tag."""
    assert [spoken(tag) for tag in ("sr-Latn-RS", "yue", "en")] == ["sr", "yue", "en"]
