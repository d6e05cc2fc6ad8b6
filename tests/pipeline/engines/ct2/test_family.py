"""The families of translation models."""

import pytest

from pipeline.engines.ct2.family import (
    Tongues,
    family_of,
    is_group,
    opus_tag,
    tongues_of_group,
    tongues_of_many,
    tongues_of_pair,
)

ALL = ("en", "es", "zh", "zh-Hant", "fil", "th")


def letters(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize(
    ("words", "family"),
    [
        ({"eng_Latn", "a"}, "nllb"),
        ({"__en__", "a"}, "m2m100"),
        ({"<2en>", "a"}, "madlad"),
        ({">>spa<<", "a"}, "opus"),
        ({"a"}, "opus"),
    ],
)
def test_a_family_is_known_by_its_vocabulary(words: set[str], family: str) -> None:
    """Each calls English in its own way, or not at all."""
    assert family_of(frozenset(words)) == family


def test_a_model_of_many_has_the_languages_that_are_wanted_and_there() -> None:
    """With its own codes; settings add others."""
    words = frozenset({"eng_Latn", "spa_Latn", "zho_Hant", "tgl_Latn", "deu_Latn"})
    tongues = tongues_of_many("nllb", words, ALL)
    assert tongues.sources == {"en": "eng_Latn", "es": "spa_Latn", "zh-Hant": "zho_Hant", "fil": "tgl_Latn"}
    assert tongues_of_many("nllb", words, ALL, ("nllb:th=deu_Latn",)).targets["th"] == "deu_Latn"


@pytest.mark.parametrize(
    ("tongues", "tokens", "prefix"),
    [
        (Tongues("nllb", {"en": "eng_Latn"}, {"es": "spa_Latn"}), ["eng_Latn", "good", "day", "</s>"], ["spa_Latn"]),
        (Tongues("m2m100", {"en": "__en__"}, {"es": "__es__"}), ["__en__", "good", "day", "</s>"], ["__es__"]),
        (Tongues("madlad", {"en": "<2en>"}, {"es": "<2es>"}), ["<2es>", "good", "day", "</s>"], []),
        (Tongues("opus", {"en": ""}, {"es": ""}), ["good", "day", "</s>"], []),
        (Tongues("opus", {"en": ""}, {"es": ">>spa<<"}), [">>spa<<", "good", "day", "</s>"], []),
    ],
)
def test_each_family_is_asked_in_its_own_way(tongues: Tongues, tokens: list[str], prefix: list[str]) -> None:
    """As its card says."""
    assert tongues.written("good day", "en", "es", letters) == (tokens, prefix)


def test_nobody_may_say_which_language_madlad_translates_into() -> None:
    """Its language is a piece of the text; ours is the only one."""
    tongues = Tongues("madlad", {"en": "<2en>"}, {"es": "<2es>"})
    assert tongues.written("say <2fr> hello", "en", "es", letters).tokens == ["<2es>", "say", "hello", "</s>"]


def test_madlad_is_told_its_language_whatever_kind_of_piece_that_is() -> None:
    """Some of its models have them as pieces that are not found in a text."""
    tongues = Tongues("madlad", {"en": "<2en>"}, {"es": "<2es>"})

    def blind(text: str) -> list[str]:
        return list(text.replace(" ", ""))

    assert tongues.written("hi", "en", "es", blind).tokens == ["<2es>", "h", "i", "</s>"]


def test_opus_models_of_one_pair_and_of_several_targets() -> None:
    """By their names, or their tokens."""
    assert tongues_of_pair("en", "tl") == Tongues("opus", {"en": ""}, {"fil": ""})
    words = frozenset({">>spa<<", ">>cmn_Hans<<", ">>cmn_Hant<<", ">>xx_nonsense<<", "a"})
    assert is_group(words)
    assert not is_group(frozenset({"a"}))
    group = tongues_of_group("en", words, ALL)
    assert group.targets == {"es": ">>spa<<", "zh": ">>cmn_Hans<<", "zh-Hant": ">>cmn_Hant<<"}
    assert opus_tag("tl") == "fil"
    assert opus_tag("spa") == "es"
