"""Which languages espeak-ng speaks, read from what `espeak-ng --voices` prints."""

import re

from pipeline.messages.language import UnknownLanguageError, normalise

# Pty Language Age/Gender VoiceName File Other Languages, in columns; no column but the last holds spaces.
_LINE = re.compile(r"\s*(\d+)\s+(\S+)\s+\S+\s+\S+\s+\S+\s*(.*)")
_OTHER = re.compile(r"\((\S+) (\d+)\)")


def languages(listing: str) -> dict[str, str]:
    """Map each language's normalised tag to what espeak-ng is asked for to speak it.

    Languages that a voice names as its further ones (`fr` of the voice fr-fr) are had from it too, unless a voice has
    them as its own; the lowest priority number wins, then the first in the list. Its invented and private tags are
    left out.
    """
    best: dict[str, tuple[bool, int, str]] = {}
    for line in listing.splitlines()[1:]:
        found = _LINE.match(line)
        if found is None:
            continue
        priority, voice, others = int(found[1]), found[2], _OTHER.findall(found[3])
        for own, code, rank in ((True, voice, priority), *((False, code, int(rank)) for code, rank in others)):
            tag = _tag(code)
            offer = (not own, rank, voice)
            if tag and (tag not in best or offer[:2] < best[tag][:2]):
                best[tag] = offer
    return {tag: voice for tag, (_, _, voice) in best.items()}


def _tag(code: str) -> str | None:
    if "-x-" in code:
        return None
    try:
        return normalise(code)
    except UnknownLanguageError:
        return None
