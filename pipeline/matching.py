"""Which of the languages that something offers serves one that is wanted."""

from collections.abc import Iterable

from pipeline.messages.language import AUTO, hears, reads


def match(wanted: str, offered: Iterable[str]) -> str | None:
    """Give the offered tag that is closest to the wanted one: the same, the same script, the same spoken language.

    None if nobody who wants the one would understand any of the others. All tags are normalised.
    """
    choices = sorted(offered)
    for fits in (str.__eq__, reads, hears):
        for tag in choices:
            if fits(wanted, tag):
                return tag
    return None


def match_spoken(wanted: str, offered: frozenset[str]) -> str | None:
    """Choose what to ask a transcriber for: as `match`; `auto` becomes the first language where it cannot detect."""
    named = offered - {AUTO}
    if wanted != AUTO:
        return match(wanted, named)
    return AUTO if AUTO in offered else min(named, default=None)


def match_pair(source: str, target: str, pairs: frozenset[tuple[str, str]]) -> tuple[str, str] | None:
    """Choose the pair that serves a translation, the closest source first; None if there is none."""
    if (source, target) in pairs:
        return source, target
    # There may be thousands of pairs, and this is asked for every clause; the languages are some hundred.
    understood = {tag for tag in {pair[1] for pair in pairs} if hears(target, tag)}
    sources = {pair[0] for pair in pairs if pair[1] in understood}
    closest = match(source, sources)
    if closest is None:
        return None
    there = match(target, (pair[1] for pair in pairs if pair[0] == closest))
    return None if there is None else (closest, there)
