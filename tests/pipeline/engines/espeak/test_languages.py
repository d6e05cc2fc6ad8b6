"""Which languages espeak-ng speaks."""

from pipeline.engines.espeak.languages import languages

LISTING = """Pty Language       Age/Gender VoiceName          File                 Other Languages
 5  es              --/M      Spanish_(Spain)    roa/es
 5  es-419          --/M      Spanish_(Latin_America) roa/es-419       (es-mx 6)(es 6)
 5  fr-be           --/M      French_(Belgium)   roa/fr-BE            (fr 8)
 5  fr-fr           --/M      French_(France)    roa/fr               (fr 5)
 2  en-gb           --/M      English_(Great_Britain) gmw/en               (en 2)
 4  en-gb-x-rp      --/M      English_(Received_Pronunciation) gmw/en-GB-x-rp       (en-gb 4)(en 1)
 5  cmn             --/M      Chinese_(Mandarin) sit/cmn              (zh-cmn 5)(zh 5)
 5  nb              --/M      Norwegian_Bokmål   gmq/nb               (no 5)
 5  qqqq            --/M      Nobody's           art/qqqq
"""


def test_tags_are_normalised() -> None:
    """Codes of its own become those that everybody uses."""
    found = languages(LISTING)
    assert found["es"] == "es"
    assert found["zh"] == "cmn"
    assert found["no"] == "nb"


def test_a_language_without_a_voice_of_its_own_takes_the_best_other() -> None:
    """French is had from the voice of France, which offers it first."""
    found = languages(LISTING)
    assert found["fr"] == "fr-fr"
    assert found["fr-BE"] == "fr-be"
    assert found["es-MX"] == "es-419"


def test_a_voice_of_its_own_comes_first() -> None:
    """Whatever others offer."""
    assert languages(LISTING)["en-GB"] == "en-gb"


def test_private_and_invented_tags_are_left_out() -> None:
    """Nobody could ask for them."""
    assert not [tag for tag in languages(LISTING) if "x-" in tag or "q" in tag]


def test_an_empty_list_is_no_languages() -> None:
    """As if nothing were installed."""
    assert languages("") == {}
