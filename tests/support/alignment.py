"""When each word of a recording was said, by recognising the clean recording on its own."""

import difflib
from typing import NamedTuple

from pocketsphinx import Decoder

from tests.support.recordings import SAMPLE_RATE, Recording


class Aligned(NamedTuple):
    """A word and the second at which its sound ends, counted from the recording's first sample."""

    text: str
    end_s: float


def align(recording: Recording) -> list[Aligned]:
    """Recognise a recording and give each word with its end."""
    decoder = Decoder(samprate=SAMPLE_RATE, loglevel="FATAL", fwdflat=False, bestpath=False)
    decoder.start_utt()
    decoder.process_raw(recording.samples.tobytes(), False, True)
    decoder.end_utt()
    return [
        Aligned(part.word.partition("(")[0], part.end_frame / 100)
        for part in decoder.seg()
        if not part.word.startswith(("<", "["))
    ]


def matched(words: list[Aligned], text: str) -> list[int]:
    """Give the indices of those words that a text has in the same order."""
    blocks = difflib.SequenceMatcher(None, [word.text for word in words], text.split(), autojunk=False)
    return [block.a + i for block in blocks.get_matching_blocks() for i in range(block.size)]
