"""WAV, WebM and Ogg, as they come in, to 16 kHz: FFmpeg in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Literal, get_args

import av
import structlog
from av.audio.frame import AudioFrame
from av.container import InputContainer

from media_server.direct.conversion import Conversion
from media_server.direct.errors import BadSoundError
from media_server.direct.pipe import Pipe
from pipeline.messages.audio_chunk import BYTES_PER_MS

Container = Literal["wav", "webm", "ogg"]
CONTAINERS: tuple[Container, ...] = get_args(Container)
PCM_CODECS = frozenset(f"pcm_{kind}" for kind in ("s16le", "s24le", "s32le", "u8", "f32le", "f64le", "alaw", "mulaw"))
CODECS = PCM_CODECS | {"opus", "libopus", "vorbis"}
"""What may be inside. FFmpeg knows some hundred others; nobody needs to be able to reach those from outside."""
AHEAD_BYTES = 1024 * 1024
"""Of a stream, not read yet: 4 minutes of Opus at 32 kbit/s, 32 s of WAV at 16 kHz."""
SILENT_BYTES = 1024 * 1024
"""A stream from which so many bytes give no sound is none."""
PIECE_BYTES = 100 * BYTES_PER_MS
"""Sound is handed over in pieces of 100 ms, or what there is when nothing more has come."""
PIECES = 10
"""Pieces (1 s of sound) that wait to be taken: then the thread waits."""
_READ_BYTES = 4096

_log = structlog.get_logger(__name__)


class ContainerReader:
    """Reads one client's stream. `feed` it, and iterate over its sound; `close` it in any case.

    Nothing here blocks the event loop. The thread ends with the stream, with the first thing in it that cannot be read,
    or within one packet of `close`.
    """

    def __init__(self, container: Container) -> None:
        """Start the thread; needs a running loop."""
        self._container: Container = container
        self._pipe = Pipe(AHEAD_BYTES)
        self._loop = asyncio.get_running_loop()
        # A piece, what went wrong, or the end. As many as the thread was allowed, and one more.
        self._pieces: asyncio.Queue[bytes | BadSoundError | None] = asyncio.Queue()
        self._allowed = threading.Semaphore(PIECES)
        self._closed = False
        # Bytes read since the last sound.
        self._silent = 0
        self._thread = threading.Thread(target=self._run, name=f"sound-{container}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many bytes wait to be read."""
        return self._pipe.waiting

    def feed(self, data: bytes) -> bool:
        """Take the next bytes of the stream. False, taking none, if more than AHEAD_BYTES would wait."""
        return self._pipe.feed(data)

    def end(self) -> None:
        """Say that nothing more comes: the iteration ends behind what is there. Idempotent."""
        self._pipe.end()

    def close(self) -> None:
        """Stop; whoever iterates is let go. Idempotent."""
        if not self._closed:
            self._closed = True
            self._pipe.end(drop=True)
            self._allowed.release()
            self._pieces.put_nowait(None)

    def __aiter__(self) -> "ContainerReader":
        return self

    async def __anext__(self) -> bytes:
        """Give the next piece of sound, 16 kHz mono s16le of at most 100 ms.

        Raises:
            BadSoundError: the stream is not what it was said to be; nothing follows.
        """
        piece = await self._pieces.get()
        if piece is None or self._closed:
            raise StopAsyncIteration
        if isinstance(piece, BadSoundError):
            raise piece
        self._allowed.release()
        return piece

    # In the thread.

    def _run(self) -> None:
        end: BadSoundError | None = None
        try:
            self._read()
        except BadSoundError as error:
            end = error
        except (av.FFmpegError, ValueError, LookupError, OverflowError, MemoryError):
            end = BadSoundError(f"this is no {self._container} that can be read here")
        except Exception:  # a fault boundary: nobody awaits a thread
            _log.exception("sound_thread_failed", container=self._container)
            end = BadSoundError("this sound could not be read")
        self._hand_over(end)

    def _read(self) -> None:
        options = {"probesize": "2048", "analyzeduration": "0"}
        with av.open(self, "r", format=self._container, options=options, buffer_size=_READ_BYTES) as container:
            stream = next(iter(container.streams.audio), None)
            if stream is None or stream.codec_context.name not in CODECS:
                raise BadSoundError("there is no sound in it that is read here: Opus, Vorbis or PCM")
            conversion = Conversion()
            pcm = bytearray()
            for frame in _frames(container):
                pcm += conversion.convert(frame)
                self._silent = 0
                whole = len(pcm) >= PIECE_BYTES or not self._pipe.waiting
                if whole and not self._give(pcm):
                    return
            self._give(pcm)

    def _give(self, pcm: bytearray) -> bool:
        """Hand over what there is, as fast as it is taken; False when closed."""
        for start in range(0, len(pcm), PIECE_BYTES):
            self._allowed.acquire()
            if self._closed:
                return False
            self._hand_over(bytes(pcm[start : start + PIECE_BYTES]))
        pcm.clear()
        return True

    def _hand_over(self, piece: bytes | BadSoundError | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._pieces.put_nowait, piece)
        except RuntimeError:  # the loop is closed: the process ends
            self._closed = True

    # FFmpeg reads this object like a file that cannot seek.

    def read(self, size: int) -> bytes:
        """Give the next bytes of the stream to FFmpeg, in the thread."""
        data = self._pipe.read(size)
        self._silent += len(data)
        if self._silent > SILENT_BYTES:
            raise BadSoundError(f"{SILENT_BYTES} bytes of it hold no sound")
        return data


def _frames(container: InputContainer) -> Iterator[AudioFrame]:
    """Decode the first audio stream; a packet that is corrupt costs that packet."""
    stream = container.streams.audio[0]
    for packet in container.demux(stream):
        try:
            yield from (frame for frame in packet.decode() if isinstance(frame, AudioFrame))
        except av.InvalidDataError:
            continue
