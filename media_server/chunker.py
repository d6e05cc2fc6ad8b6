"""From a segmenter's words to the messages that recognition reads. Pure."""

from dataclasses import dataclass

from media_server.analysis.segments import Ended, MaybeEnded, Resumed, Segment, Sound, Started
from media_server.utterance import Utterance, new_utterance_id
from pipeline.messages import AudioChunk, Target, Times
from pipeline.messages.audio_chunk import BYTES_PER_MS


@dataclass(frozen=True, slots=True)
class Setting:
    """What every chunk says of its circumstances."""

    # The speaking language, or `auto`.
    language: str
    targets: tuple[Target, ...]
    # Epoch milliseconds.
    now_ms: int


class Chunker:
    """Makes one speaker's AudioChunks: one for each Sound, and an empty one for each mark."""

    def __init__(self, *, room_id: str, user_id: str, first_number: int) -> None:
        """`first_number` starts the sequence: later than any this speaker had before, so that it never goes back."""
        self._room_id = room_id
        self._user_id = user_id
        self._sequence = first_number
        # Where the sound so far ends, counted from the utterance's first sample.
        self.end_ms = 0
        # The utterance being cut, None between two.
        self.utterance: Utterance | None = None

    def take(self, segment: Segment, setting: Setting) -> list[AudioChunk]:
        """Give what is to be sent for a segment; whatever comes outside an utterance is nothing."""
        if isinstance(segment, Started):
            self._begin(segment, setting)
            return []
        if self.utterance is None:
            return []
        if isinstance(segment, Sound):
            self.end_ms = segment.start_ms
            return [self._chunk(self.utterance, setting, Times(captured_at_ms=setting.now_ms), payload=segment.pcm)]
        if isinstance(segment, MaybeEnded):
            times = self._times(self.utterance, setting, segment.speech_end_ms)
            return [self._chunk(self.utterance, setting, times, maybe_last=segment.revision)]
        if isinstance(segment, Resumed):
            self.utterance.voided = max(self.utterance.voided, segment.revision)
            return []
        return [self._end(self.utterance, segment, setting)]

    def _begin(self, segment: Started, setting: Setting) -> None:
        self.end_ms = 0
        self.utterance = Utterance(
            utterance_id=new_utterance_id(setting.now_ms),
            speaker_id=self._user_id,
            number=self._sequence,
            started_at_ms=segment.at_ms,
        )

    def _end(self, utterance: Utterance, segment: Ended, setting: Setting) -> AudioChunk:
        times = self._times(utterance, setting, segment.speech_end_ms)
        utterance.ended_at_ms = setting.now_ms
        utterance.speech_ended_at_ms = times.speech_ended_at_ms
        utterance.confirms = segment.confirms
        self.utterance = None
        return self._chunk(utterance, setting, times, last=True, confirms=segment.confirms, void=segment.void)

    def _times(self, utterance: Utterance, setting: Setting, speech_end_ms: int) -> Times:
        return Times(captured_at_ms=setting.now_ms, speech_ended_at_ms=utterance.started_at_ms + speech_end_ms)

    def _chunk(
        self,
        utterance: Utterance,
        setting: Setting,
        times: Times,
        *,
        payload: bytes = b"",
        maybe_last: int = 0,
        last: bool = False,
        confirms: int = 0,
        void: bool = False,
    ) -> AudioChunk:
        start_ms, self.end_ms = self.end_ms, self.end_ms + len(payload) // BYTES_PER_MS
        self._sequence += 1
        return AudioChunk(
            room_id=self._room_id,
            user_id=self._user_id,
            sequence_number=self._sequence,
            utterance_id=utterance.utterance_id,
            times=times,
            payload=payload,
            start_ms=start_ms,
            utterance_started_at_ms=utterance.started_at_ms,
            language=setting.language,
            targets=setting.targets,
            maybe_last=maybe_last,
            last=last,
            confirms=confirms,
            void=void,
        )
