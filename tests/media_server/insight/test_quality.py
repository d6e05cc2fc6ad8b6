"""How good a connection is, in one word."""

import pytest

from media_server.insight.quality import ConnectionQuality, Quality, score
from media_server.peer import LinkFigures


def figures(lost: float = 0.0, *, rtt_ms: float = 40, jitter_ms: float = 5) -> LinkFigures:
    return LinkFigures(rtt_s=rtt_ms / 1_000, up_lost=lost, up_jitter_s=jitter_ms / 1_000)


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (figures(), "good"),
        (figures(0.03), "good"),
        (figures(0.05), "fair"),
        (figures(0.12), "poor"),
        (figures(rtt_ms=500), "good"),
        (figures(rtt_ms=800), "fair"),
        (figures(rtt_ms=2_000), "poor"),
        (figures(jitter_ms=200), "fair"),
        (LinkFigures(down_lost=0.2), "poor"),
        (LinkFigures(up_lost=0.0, down_lost=0.05), "fair"),
    ],
)
def test_the_first_word_is_that_of_the_figures(seen: LinkFigures, word: Quality) -> None:
    """The worse direction counts, whatever is known of it."""
    quality = ConnectionQuality()
    assert quality.rate(seen)
    assert quality.word == word


def test_of_nothing_nothing_is_said() -> None:
    """A round trip alone is no connection that sound goes over."""
    quality = ConnectionQuality()
    assert score(LinkFigures(rtt_s=0.1)) is None
    assert not quality.rate(LinkFigures())
    assert quality.word is None


def test_it_gets_worse_sooner_than_better() -> None:
    """One bad look is enough where it is bad; well again it is told after some."""
    quality = ConnectionQuality()
    quality.rate(figures())
    words = []
    for lost in (0.15, *[0.0] * 6):
        quality.rate(figures(lost))
        words.append(quality.word)
    assert words[0] == "fair"
    assert 2 <= words.index("good") <= 5


def test_it_does_not_flap_about_a_mark() -> None:
    """Loss that comes and goes about the mark changes the word once."""
    quality = ConnectionQuality()
    quality.rate(figures())
    changes = sum(quality.rate(figures(lost)) for lost in (0.041, 0.033) * 20)
    assert changes <= 1
