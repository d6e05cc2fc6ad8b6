"""One speaker's sound on its way to the bus."""

from collections import deque

from msgspec.structs import replace

from pipeline.messages.audio_chunk import BYTES_PER_MS, AudioChunk


class SoundRing:
    """The chunks that wait, in order; pure. When there is more sound than fits, the oldest is dropped.

    Marks survive the drop as chunks without sound, so that no utterance which the bus has heard of stays open: of an
    utterance's waiting marks, the newest possible end and the end. An utterance that is dropped whole leaves nothing.
    """

    def __init__(self, limit_ms: int) -> None:
        self._limit = limit_ms * BYTES_PER_MS
        self._chunks: deque[AudioChunk] = deque()
        self._bytes = 0
        # The utterance whose beginning was dropped and of which nothing was taken out since: the bus never heard of it.
        self._unheard = ""

    def __len__(self) -> int:
        return len(self._chunks)

    @property
    def oldest(self) -> AudioChunk:
        """The chunk that comes next.

        Raises:
            IndexError: there is none.
        """
        return self._chunks[0]

    def append(self, chunk: AudioChunk) -> float:
        """Put a chunk behind the others; return how many ms of sound were dropped."""
        self._chunks.append(chunk)
        self._bytes += len(chunk.payload)
        return self._shrink()

    def pop(self) -> AudioChunk:
        """Take the oldest chunk out.

        Raises:
            IndexError: there is none.
        """
        chunk = self._chunks.popleft()
        self._bytes -= len(chunk.payload)
        if chunk.utterance_id == self._unheard:
            self._unheard = ""
        return chunk

    def put_back(self, chunk: AudioChunk) -> float:
        """Put the chunk taken last in front again; return how many ms of sound were dropped."""
        self._chunks.appendleft(chunk)
        self._bytes += len(chunk.payload)
        return self._shrink()

    def clear(self) -> float:
        """Drop everything but the newest end of an utterance that the bus has heard of; return how many ms of sound."""
        dropped = self._bytes
        ends: list[AudioChunk] = []
        for chunk in self._chunks:
            if chunk.payload and chunk.start_ms == 0:
                self._unheard = chunk.utterance_id
            if chunk.last and chunk.utterance_id != self._unheard:
                # What the end confirms may be gone: it is to be heard out.
                ends = [replace(chunk, payload=b"", start_ms=chunk.end_ms, confirms=0)]
        self._chunks = deque(ends)
        self._bytes = 0
        return dropped / BYTES_PER_MS

    def _shrink(self) -> float:
        dropped = 0
        while self._bytes > self._limit:
            index = next(i for i, chunk in enumerate(self._chunks) if chunk.payload)
            chunk = self._chunks[index]
            self._bytes -= len(chunk.payload)
            dropped += len(chunk.payload)
            if chunk.start_ms == 0:
                self._unheard = chunk.utterance_id
            if chunk.last or chunk.maybe_last:
                # What is left is the moment behind the sound.
                self._chunks[index] = replace(chunk, payload=b"", start_ms=chunk.end_ms)
                self._tidy(chunk)
            else:
                del self._chunks[index]
        return dropped / BYTES_PER_MS

    def _tidy(self, mark: AudioChunk) -> None:
        """Keep only as many marks as mean something, now that this chunk is one of them."""
        whole = mark.last and mark.utterance_id == self._unheard
        # Of the possible ends, the end leaves the one it confirms, and a later one leaves itself.
        needed = mark.confirms if mark.last else mark.maybe_last

        def void(chunk: AudioChunk) -> bool:
            if chunk.utterance_id != mark.utterance_id or chunk.payload:
                return False
            return whole or (not chunk.last and chunk.maybe_last != needed)

        self._chunks = deque(chunk for chunk in self._chunks if not void(chunk))
