"""What pocketsphinx hears in utterances, in processes of its own: it holds Python's lock, and takes its time."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import Any

from pipeline.engines.sphinx.cepstral_mean import CepstralMean
from pipeline.engines.sphinx.hearing import Hearing
from pipeline.engines.sphinx.pool import load
from tests.support.similarity import word_errors

PROCESSES = 2


@cache
def _decoder() -> tuple[Any, CepstralMean]:
    decoder = load()
    return decoder, CepstralMean.parse(decoder.get_cmn(update=False))


def recognised(utterances: Sequence[bytes]) -> str:
    """Give the words of some utterances of 16 kHz mono s16le, each of a voice that is not known yet, in lower case."""
    decoder, own = _decoder()
    words: list[str] = []
    for pcm in utterances:
        hearing = Hearing(decoder, own, None)
        hearing.take(pcm)
        hearing.end()
        words += (word.text.lower() for word in hearing.words())
    return " ".join(words)


def errors(takes: Iterable[tuple[str, Sequence[bytes]]]) -> list[tuple[int, int]]:
    """Count the word errors and the words of each take: what was said, and the utterances that were heard of it."""
    texts, heard = zip(*takes, strict=True)
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        found = list(pool.map(recognised, heard))
    return [word_errors(text.lower(), each) for text, each in zip(texts, found, strict=True)]
