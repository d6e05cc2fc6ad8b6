"""One speaker's voice, or floor, cut into frames for one client. Pure."""

from media_server.direct.frame import Kind, SoundFrame
from media_server.packet import VoiceOrigin
from pipeline.messages.audio_chunk import BYTES_PER_MS

JOINT_MS = 40
"""Sound that comes later than this after the last did follows silence: it begins a frame of its own."""
PACKET_MS = 20


class Stream:
    """Collects 16 kHz sound (or single Opus packets) to frames of one length, and numbers them.

    A frame never holds parts of two utterances, of two clauses, or from both sides of a pause. Holds less than one
    frame.
    """

    def __init__(self, speaker_id: str, kind: Kind, *, frame_ms: int) -> None:
        """`frame_ms`: what a frame of sound lasts; 0: each piece is a frame, an Opus packet."""
        self._speaker_id = speaker_id
        self._kind: Kind = kind
        self._frame_bytes = frame_ms * BYTES_PER_MS
        self._sequence = 0
        self._utterance_id = ""
        self._origin: VoiceOrigin | None = None
        # How much of the clause's voice there was before what is collected.
        self._offset_ms = 0
        self._pcm = bytearray()
        self._began_ms = 0
        self._newest_ms = 0
        # Something of the utterance went out, or is about to, and its end has not.
        self._open = False

    def add(self, sound: bytes, utterance_id: str, origin: VoiceOrigin | None, now_ms: int) -> list[SoundFrame]:
        """Take the next sound, played at `now_ms` (epoch ms); give the frames that are complete."""
        frames: list[SoundFrame] = []
        if utterance_id != self._utterance_id:
            frames += self._part(last=self._open and bool(self._utterance_id))
            self._utterance_id = utterance_id
        elif origin != self._origin or now_ms - self._newest_ms > JOINT_MS + PACKET_MS:
            frames += self._part()
        if origin != self._origin:
            self._origin, self._offset_ms = origin, 0
        if not sound:
            return frames
        self._open = True
        self._newest_ms = now_ms
        if not self._frame_bytes:
            frames.append(self._frame(sound, now_ms, PACKET_MS))
            return frames
        if not self._pcm:
            self._began_ms = now_ms
        self._pcm += sound
        while len(self._pcm) >= self._frame_bytes:
            piece = bytes(self._pcm[: self._frame_bytes])
            del self._pcm[: self._frame_bytes]
            duration_ms = len(piece) // BYTES_PER_MS
            frames.append(self._frame(piece, self._began_ms, duration_ms))
            self._began_ms += duration_ms
        return frames

    def rest(self) -> list[SoundFrame]:
        """Give what is left: silence follows. For a floor that is the end of the stretch."""
        return self._part(last=self._open and self._kind == "floor")

    def finish(self, utterance_id: str) -> list[SoundFrame]:
        """Give what is left and say that nothing of this utterance follows, if it is the one that was last heard."""
        return self._part(last=True) if self._open and utterance_id == self._utterance_id else []

    def _part(self, *, last: bool = False) -> list[SoundFrame]:
        """Give what is collected; with `last`, a frame also if that is nothing."""
        if not self._pcm and not last:
            return []
        piece = bytes(self._pcm)
        self._pcm.clear()
        began_ms = self._began_ms if piece else self._newest_ms + PACKET_MS
        if last:
            self._open = False
        return [self._frame(piece, began_ms, len(piece) // BYTES_PER_MS, last=last)]

    def _frame(self, sound: bytes, began_ms: int, duration_ms: int, *, last: bool = False) -> SoundFrame:
        self._sequence += 1
        origin, offset_ms = self._origin, self._offset_ms
        self._offset_ms += duration_ms
        return SoundFrame(
            speaker_id=self._speaker_id,
            kind=self._kind,
            utterance_id=self._utterance_id,
            sequence=self._sequence,
            language=origin.language if origin else "",
            timestamp_ms=began_ms,
            last=last,
            ended_at_ms=origin.ended_at_ms if origin else 0,
            offset_ms=offset_ms,
            sound=sound,
            duration_ms=duration_ms,
        )
