"""Sound as providers answer it: PCM, in whatever pieces the network makes of it."""

from collections.abc import AsyncGenerator, AsyncIterator

from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.spoken_text import sentences

HEADERS = {b"RIFF": "WAV", b"ID3\x03": "MP3", b"ID3\x04": "MP3", b"OggS": "Ogg", b"fLaC": "FLAC"}
"""How files begin that somebody answers who knows no PCM; as sound they would be noise."""


async def pcm_of(pieces: AsyncIterator[bytes], chunk_bytes: int) -> AsyncGenerator[bytes, None]:
    """Yield whole samples (s16le) as they come, in chunks of at most `chunk_bytes`. Half a sample at the end is lost.

    Raises (while iterating):
        EngineUnavailableError: it is a file of another format.
        EngineError: whatever `pieces` raises.
    """
    held = b""
    begun = False
    async for piece in pieces:
        held += piece
        if not begun and len(held) >= 4:
            begun = True
            if kind := HEADERS.get(held[:4]):
                raise EngineUnavailableError(f"the server answers {kind} instead of PCM", "use a server that knows PCM")
        whole = len(held) & ~1 if begun else 0
        for at in range(0, whole, chunk_bytes):
            yield held[at : min(at + chunk_bytes, whole)]
        held = held[whole:]
    if len(held) >= 2:
        yield held[: len(held) & ~1]


def requests_of(text: str, most: int) -> list[str]:
    """Cut a text into what goes into one request each: as many sentences as fit into `most` characters."""
    if len(text) <= most:
        return [text]
    requests: list[str] = []
    for sentence in sentences(text, most):
        if requests and len(requests[-1]) + 1 + len(sentence) <= most:
            requests[-1] += f" {sentence}"
        else:
            requests.append(sentence)
    return requests
