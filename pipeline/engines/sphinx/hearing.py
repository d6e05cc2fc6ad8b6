"""One session of a pocketsphinx decoder: a pure, blocking piece that threads call."""

from typing import TYPE_CHECKING

from pipeline.engines.sphinx.cepstral_mean import CepstralMean
from pipeline.engines.sphinx.words import words
from pipeline.engines.transcriber import Word

if TYPE_CHECKING:
    from pocketsphinx import Decoder

BYTES_PER_SECOND = 32_000
"""16 kHz mono s16le."""
LISTEN_FIRST_BYTES = 3 * BYTES_PER_SECOND // 2
"""An unknown voice is decoded again from the start once 1.5 s with words have told its mean: 0.15 to 0.4 s, once."""
LISTEN_LAST_BYTES = 5 * BYTES_PER_SECOND
"""If there still was no word by then, the voice stays unknown for this session."""
FRAME_BYTES = BYTES_PER_SECOND // 100
OBSERVE_FRAMES = 250
"""The mean is taken at least this often: beyond 300 frames the decoder forgets (CMN_WIN_HWM in cmn.h)."""
STEP_BYTES = BYTES_PER_SECOND // 10
"""The decoder is fed in steps of 100 ms: it holds Python's lock meanwhile, for about 20 ms."""


class Hearing:
    """Decodes one utterance. Calls never overlap; after `end` only `words` is called."""

    def __init__(self, decoder: "Decoder", own: CepstralMean, known: CepstralMean | None) -> None:
        """Begin with what is `known` of the voice, or with the model's `own` mean."""
        self._decoder = decoder
        # What is subtracted, all through the session.
        self._told = known or own
        # The sound so far, kept until the voice is known; None from then on.
        self._first: bytearray | None = None if known else bytearray()
        self._odd = b""
        self._begin()

    def take(self, pcm: bytes) -> None:
        """Decode more sound, any length."""
        pcm = self._odd + pcm
        whole = len(pcm) & ~1
        pcm, self._odd = pcm[:whole], pcm[whole:]
        self._decode(pcm)
        if self._first is not None:
            self._first += pcm
            self._get_to_know(self._first)

    def words(self) -> tuple[Word, ...]:
        """Say what the decoder would have the words be now."""
        return words(self._decoder.seg() or ()) if self._decoder.hyp() else ()

    def end(self) -> CepstralMean | None:
        """End the decoder's utterance; `words` are final then. Gives the mean of the voice, if there was one."""
        self._observe()
        self._decoder.end_utt()
        return self._heard if self.words() else None

    def _begin(self) -> None:
        self._heard: CepstralMean | None = None
        # Frames with sound in them since the mean was taken last; digital silence does not count, as in the decoder.
        self._unobserved = 0
        self._decoder.set_cmn(str(self._told))
        self._decoder.start_utt()

    def _get_to_know(self, first: bytearray) -> None:
        if len(first) < LISTEN_FIRST_BYTES:
            return
        if self.words():
            self._first = None
            self._told = self.end() or self._told
            self._begin()
            self._decode(bytes(first))
        elif len(first) > LISTEN_LAST_BYTES:
            self._first = None

    def _decode(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), STEP_BYTES):
            step = pcm[start : start + STEP_BYTES]
            self._decoder.process_raw(step, no_search=False, full_utt=False)
            self._unobserved += sum(any(step[at : at + FRAME_BYTES]) for at in range(0, len(step), FRAME_BYTES))
            if self._unobserved >= OBSERVE_FRAMES:
                self._observe()

    def _observe(self) -> None:
        """Learn the mean of the sound since last time, and go on with the one that was told."""
        mixed = CepstralMean.parse(self._decoder.get_cmn(update=True), self._unobserved)
        heard, self._unobserved = mixed.without(self._told), 0
        self._heard = self._heard.and_also(heard) if self._heard else heard
        self._decoder.set_cmn(str(self._told))
