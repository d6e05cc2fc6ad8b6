"""What a client says of itself and its sound when it opens an audio socket. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from media_server.direct.container import CONTAINERS, Container
from media_server.direct.pcm import CHANNELS, RATES
from media_server.events import Original

Format = Literal["pcm"] | Container
FORMATS: tuple[Format, ...] = ("pcm", *CONTAINERS)
ReceiveFormat = Literal["pcm", "opus"]
FRAMES_MS = range(20, 1_001, 20)
# Characters of a name or a tag, as in the messages of the signaling socket.
_LONGEST = {"name": 512, "speaking_language": 64, "listening_language": 64}


class BadQueryError(ValueError):
    """Something of it cannot be used; the message says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioQuery:
    """See the table in PROTOCOL.md."""

    # None: not said.
    name: str | None = None
    speaking_language: str | None = None
    listening_language: str | None = None
    original: Original = "off"
    captions: bool = False
    send: bool = True
    receive: bool = True
    format: Format = "pcm"
    # Hertz and count, of `pcm`.
    sample_rate: int = 16_000
    channels: int = 1
    receive_format: ReceiveFormat = "pcm"
    receive_frame_ms: int = 100

    @property
    def frame_ms(self) -> int:
        """What a frame of sound to the client lasts; 0: Opus packets as they are."""
        return self.receive_frame_ms if self.receive_format == "pcm" else 0

    @property
    def bytes_per_second(self) -> int:
        """Of `pcm` from the client."""
        return 2 * self.sample_rate * self.channels


def read(query: Mapping[str, str]) -> AudioQuery:
    """Read the query of a request; what is not known is passed over, as the token is.

    Raises:
        BadQueryError: a value that cannot be used.
    """
    return AudioQuery(
        name=_text(query, "name"),
        speaking_language=_text(query, "speaking_language"),
        listening_language=_text(query, "listening_language"),
        original=cast("Original", _one_of(query, "original", get_args(Original), "off")),
        captions=_switch(query, "captions", otherwise=False),
        send=_switch(query, "send", otherwise=True),
        receive=_switch(query, "receive", otherwise=True),
        format=cast("Format", _one_of(query, "format", FORMATS, "pcm")),
        sample_rate=_number(query, "sample_rate", 16_000, lambda rate: rate in RATES),
        channels=_number(query, "channels", 1, lambda count: count in CHANNELS),
        receive_format=cast("ReceiveFormat", _one_of(query, "receive_format", get_args(ReceiveFormat), "pcm")),
        receive_frame_ms=_number(query, "receive_frame_ms", 100, lambda ms: ms in FRAMES_MS),
    )


def _text(query: Mapping[str, str], key: str) -> str | None:
    value = query.get(key)
    if value is not None and len(value) > _LONGEST[key]:
        raise BadQueryError(f"{key} has at most {_LONGEST[key]} characters")
    return value or None


def _one_of(query: Mapping[str, str], key: str, known: tuple[str, ...], otherwise: str) -> str:
    value = query.get(key, otherwise)
    if value not in known:
        raise BadQueryError(f"{key} is one of {', '.join(known)}")
    return value


def _switch(query: Mapping[str, str], key: str, *, otherwise: bool) -> bool:
    return _one_of(query, key, ("0", "1"), "1" if otherwise else "0") == "1"


def _number(query: Mapping[str, str], key: str, otherwise: int, fits: Callable[[int], bool]) -> int:
    value = query.get(key, str(otherwise))
    if not (value.isascii() and value.isdigit() and len(value) <= 6 and fits(int(value))):
        raise BadQueryError(f"{key} cannot be that: see the table in PROTOCOL.md")
    return int(value)
