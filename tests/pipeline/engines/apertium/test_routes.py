"""Ways from one language to another."""

from pipeline.engines.apertium.mode import Mode
from pipeline.engines.apertium.routes import routes


def names(*pairs: str) -> dict[tuple[str, str], str]:
    modes = [Mode(pair, pair.partition(">")[0], pair.partition(">")[2], (("cat",),)) for pair in pairs]
    return {pair: " ".join(mode.name for mode in route) for pair, route in routes(modes).items()}


def test_a_direct_pair_wins_over_a_longer_way() -> None:
    """Each step makes it worse."""
    assert names("en>es", "es>ca", "en>ca")["en", "ca"] == "en>ca"


def test_a_pair_is_reached_over_one_language() -> None:
    """English to French goes through Spanish."""
    assert names("en>es", "es>fr")["en", "fr"] == "en>es es>fr"


def test_two_steps_are_the_most() -> None:
    """Over two languages nothing sensible arrives."""
    assert ("en", "pt") not in names("en>es", "es>fr", "fr>pt")


def test_nobody_is_translated_into_what_they_speak() -> None:
    """English to American English through Spanish is no way."""
    assert set(names("en>es", "es>en", "es>en-US")) == {("en", "es"), ("es", "en"), ("es", "en-US")}


def test_the_plainest_way_is_taken() -> None:
    """Of two languages in between, the tag without a region; the same whatever the order of the files."""
    files = ("en>es-419", "es-419>fr", "en>es", "es>fr")
    assert names(*files)["en", "fr"] == names(*reversed(files))["en", "fr"] == "en>es es>fr"


def test_the_first_of_two_modes_for_a_pair_serves() -> None:
    """Two packages may have the same pair."""
    modes = [Mode("es-pt", "es", "pt", (("a",),)), Mode("spa-por", "es", "pt", (("b",),))]
    assert routes(modes)["es", "pt"] == (modes[0],)
