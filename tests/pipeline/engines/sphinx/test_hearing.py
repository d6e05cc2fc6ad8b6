"""One session of a decoder."""

import pytest
from pocketsphinx import Decoder

from pipeline.engines.sphinx.cepstral_mean import CepstralMean
from pipeline.engines.sphinx.hearing import LISTEN_FIRST_BYTES, Hearing
from pipeline.engines.sphinx.pool import load
from tests.support.recordings import Recording

STEP = 3_200


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return load()


@pytest.fixture(scope="module")
def own(decoder: Decoder) -> CepstralMean:
    return CepstralMean.parse(decoder.get_cmn(update=False))


def hear(hearing: Hearing, pcm: bytes, step: int = STEP) -> CepstralMean | None:
    for at in range(0, len(pcm), step):
        hearing.take(pcm[at : at + step])
    return hearing.end()


def text(hearing: Hearing) -> str:
    return " ".join(word.text for word in hearing.words())


def test_a_known_voice_is_heard_at_once(decoder: Decoder, own: CepstralMean, recordings: tuple[Recording, ...]) -> None:
    """What was learnt from one sentence serves another, from its first word."""
    voice = hear(Hearing(decoder, own, None), recordings[3].samples.tobytes())
    assert voice is not None
    assert voice.frames > 500
    hearing = Hearing(decoder, own, voice)
    hear(hearing, recordings[4].samples.tobytes())
    assert text(hearing) == "he might even have been made amiable himself"


def test_an_unknown_voice_is_heard_again_once_it_is_known(
    decoder: Decoder, own: CepstralMean, recording: Recording
) -> None:
    """After 1.5 s the words so far are those of a decoder that had known the voice from the start."""
    pcm = recording.samples.tobytes()[: LISTEN_FIRST_BYTES + STEP]
    hearing = Hearing(decoder, own, None)
    voice = hear(hearing, pcm)
    again = Hearing(decoder, own, hearing._told)
    hear(again, pcm)
    assert voice is not None
    assert hearing._told != own
    assert text(again) == text(hearing)


def test_silence_tells_nothing_about_a_voice(decoder: Decoder, own: CepstralMean) -> None:
    """Nobody is remembered for having been silent."""
    hearing = Hearing(decoder, own, None)
    assert hear(hearing, bytes(6 * 32_000)) is None
    assert hearing.words() == ()


def test_chunks_may_be_cut_anywhere(decoder: Decoder, own: CepstralMean, recordings: tuple[Recording, ...]) -> None:
    """Half a sample waits for its other half."""
    pcm = recordings[4].samples.tobytes()
    texts = []
    for step in (3_200, 3_201):
        hearing = Hearing(decoder, own, None)
        hear(hearing, pcm, step)
        texts.append(text(hearing))
    assert texts[0]
    assert texts[0] == texts[1]
