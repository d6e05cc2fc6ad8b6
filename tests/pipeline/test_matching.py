"""Which offered language serves a wanted one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching import match, match_pair, match_spoken

TAGS = ("en", "en-GB", "es", "es-MX", "es-419", "zh", "zh-TW", "zh-Hant", "yue", "pt-BR", "sr-Latn", "sr")


@pytest.mark.parametrize(
    ("wanted", "offered", "best"),
    [
        ("es", {"es", "es-MX"}, "es"),
        ("es-MX", {"es", "es-MX"}, "es-MX"),
        ("es-MX", {"es", "pt"}, "es"),
        ("zh-Hant", {"zh-Hans", "zh-TW"}, "zh-TW"),
        ("zh-Hant", {"zh-Hans"}, "zh-Hans"),
        ("yue", {"zh"}, None),
        ("fi", set(), None),
    ],
)
def test_the_closest_is_taken(wanted: str, offered: set[str], best: str | None) -> None:
    """The same tag, else the same script, else the same spoken language."""
    assert match(wanted, offered) == best


@pytest.mark.parametrize(
    ("wanted", "offered", "chosen"),
    [
        ("en-GB", {"en", "auto"}, "en"),
        ("auto", {"en", "auto"}, "auto"),
        ("auto", {"en", "de"}, "de"),
        ("auto", set(), None),
        ("fi", {"en", "auto"}, None),
    ],
)
def test_auto_is_asked_for_where_it_can_be(wanted: str, offered: set[str], chosen: str | None) -> None:
    """Otherwise the first language stands in for it."""
    assert match_spoken(wanted, frozenset(offered)) == chosen


def test_a_pair_fits_at_both_ends() -> None:
    """The closest source that leads to the target."""
    pairs = frozenset([("en", "es"), ("en-GB", "fr"), ("en", "fr")])
    assert match_pair("en-GB", "fr", pairs) == ("en-GB", "fr")
    assert match_pair("en-GB", "es-MX", pairs) == ("en", "es")
    assert match_pair("en", "fi", pairs) is None
    assert match_pair("fi", "es", pairs) is None


@given(
    st.sampled_from(TAGS), st.sampled_from(TAGS), st.frozensets(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)))
)
def test_a_pair_is_matched_as_by_going_through_all_of_them(
    source: str, target: str, pairs: frozenset[tuple[str, str]]
) -> None:
    """Though there may be thousands, and it is asked for every clause."""
    sources = {pair[0] for pair in pairs if match(target, [pair[1]])}
    closest = match(source, sources)
    there = closest and match(target, (pair[1] for pair in pairs if pair[0] == closest))
    assert match_pair(source, target, pairs) == ((closest, there) if closest and there else None)
