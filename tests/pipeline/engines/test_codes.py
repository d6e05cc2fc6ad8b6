"""What each family of engines calls the languages."""

import pytest

from pipeline.engines.codes import check_codes, code, codes, parsed, table, tag_of, tags
from pipeline.engines.engine import UnsupportedLanguageError
from pipeline.messages.language import normalise

ASKED = ("en", "es", "fr", "de", "it", "pt", "ru", "ja", "zh", "ko", "ar", "hi", "th", "vi", "nl", "sv", "cs", "pl")
"""English, Spanish, French, German, Italian, Portuguese, Russian, Japanese, Chinese, Korean, Arabic, Hindi, Thai,
Vietnamese, Dutch, Swedish, Czech, Polish."""

# In the order of ASKED; - where the engine has no such language. From each provider's own page (see codes.toml).
EXPECTED = {
    "whisper": "en es fr de it pt ru ja zh ko ar hi th vi nl sv cs pl",
    "deepl": "EN-US ES FR DE IT PT-BR RU JA ZH KO AR HI TH VI NL SV CS PL",
    "deepl-source": "EN ES FR DE IT PT RU JA ZH KO AR HI TH VI NL SV CS PL",
    "nllb": "eng_Latn spa_Latn fra_Latn deu_Latn ita_Latn por_Latn rus_Cyrl jpn_Jpan zho_Hans kor_Hang arb_Arab "
    "hin_Deva tha_Thai vie_Latn nld_Latn swe_Latn ces_Latn pol_Latn",
    "m2m100": "en es fr de it pt ru ja zh ko ar hi th vi nl sv cs pl",
    "madlad": "en es fr de it pt ru ja zh ko ar hi th vi nl sv cs pl",
    "opus": "en es fr de it pt ru ja zh ko ar hi th vi nl sv cs pl",
    "deepgram": "en es fr de it pt ru ja zh ko ar hi th vi nl sv cs pl",
    "sarvam": "en-IN - - - - - - - - - - hi-IN - - - - - -",
    "openai": "en es fr de it pt ru ja zh ko ar hi th vi nl sv cs pl",
    "xtts": "en es fr de it pt ru ja zh-cn ko ar hi - - nl - cs pl",
    "voiceai": "en es fr de it pt ru - - - - - - - nl sv - pl",
    "piper": "en_US es_ES fr_FR de_DE it_IT pt_BR ru_RU - zh_CN - ar_JO hi_IN - vi_VN nl_NL sv_SE cs_CZ pl_PL",
}


@pytest.mark.parametrize("engine", EXPECTED)
def test_every_engine_calls_the_languages_by_its_own_codes(engine: str) -> None:
    """All that were asked for, or a refusal by name where the engine has no such language."""
    for tag, expected in zip(ASKED, EXPECTED[engine].split(), strict=True):
        if expected == "-":
            with pytest.raises(UnsupportedLanguageError, match=tag):
                code(engine, tag)
        else:
            assert code(engine, tag) == expected


def test_no_engine_of_the_table_is_left_untested() -> None:
    """A new family brings its expected codes."""
    assert set(table()) == set(EXPECTED)


@pytest.mark.parametrize("engine", EXPECTED)
def test_the_tags_are_normalised(engine: str) -> None:
    """So that what normalises to the same is found."""
    assert {tag: normalise(tag) for tag in tags(engine)} == {tag: tag for tag in tags(engine)}


@pytest.mark.parametrize("engine", EXPECTED)
def test_every_code_leads_back_to_its_language(engine: str) -> None:
    """What an engine detects can be told as a tag that has the same code."""
    for own in codes(engine).values():
        tag = tag_of(engine, own.upper())
        assert tag is not None
        assert code(engine, tag) == own


@pytest.mark.parametrize(
    ("engine", "tag", "expected"),
    [
        ("deepl", "en-AU", "EN-US"),
        ("deepl", "en-GB", "EN-GB"),
        ("deepl", "pt-PT", "PT-PT"),
        ("deepl", "zh-TW", "ZH-HANT"),
        ("deepl", "zh-Hans", "ZH"),
        ("deepl-source", "zh-Hant", "ZH"),
        ("nllb", "zh-HK", "zho_Hant"),
        ("nllb", "sr-Latn", "srp_Cyrl"),
        ("whisper", "jv", "jw"),
        ("whisper", "fil", "tl"),
        ("piper", "en-GB", "en_GB"),
        ("deepgram", "es-MX", "es"),
        ("deepgram", "zh-TW", "zh-Hant"),
    ],
)
def test_a_region_or_script_leads_to_the_closest(engine: str, tag: str, expected: str) -> None:
    """The same region, else the same script, else what is understood."""
    assert code(engine, tag) == expected


def test_an_unknown_code_has_no_tag() -> None:
    """Nothing is guessed."""
    assert tag_of("whisper", "xx") is None
    assert tag_of("nobody", "en") is None
    with pytest.raises(UnsupportedLanguageError):
        code("nobody", "en")


def test_settings_add_and_override() -> None:
    """For their engine only."""
    settings = ("deepl:pt=PT-PT", "xtts:th=th", "deepl: pt-br = PT-PT ")
    assert code("deepl", "pt", settings) == code("deepl", "pt-BR", settings) == "PT-PT"
    assert code("xtts", "th", settings) == "th"
    assert code("deepl-source", "pt", settings) == "PT"
    assert tags("xtts", settings) == tags("xtts") | {"th"}
    assert tag_of("xtts", "th", settings) == "th"


@pytest.mark.parametrize("entry", ["", "deepl", "deepl:pt", "pt=PT", "deepl:pt=", ":pt=PT", "deepl:no language=X"])
def test_an_entry_that_cannot_be_read_is_refused(entry: str) -> None:
    """With the form that is expected."""
    with pytest.raises(ValueError, match=r"language tag|like deepl:pt=PT-PT"):
        parsed(entry)


def test_an_entry_of_an_unknown_engine_is_refused() -> None:
    """A typing error would be silent otherwise."""
    check_codes(("deepl:pt=PT-PT",))
    with pytest.raises(ValueError, match="must be one of"):
        check_codes(("depel:pt=PT-PT",))
