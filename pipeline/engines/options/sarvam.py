"""What can be set about Sarvam."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class SarvamOptions:
    """Access, model and waiting times of Sarvam's realtime transcription."""

    # From dashboard.sarvam.ai; nothing works without.
    api_key: str = field(default="", repr=False)
    base_url: str = "https://api.sarvam.ai"
    # http://HOST:PORT; the environment's proxies are not used.
    proxy: str = ""
    # saaras:v4 is taken as well.
    model: str = "saaras:v3-realtime"
    # How early interim text comes, at the cost of how often it changes.
    stream_type: Literal["fast", "balanced"] = "fast"
    # verbatim: with every um; translit: in Latin letters; codemix: English words in Latin letters.
    mode: Literal["transcribe", "verbatim", "translit", "codemix"] = "transcribe"
    # What is talked about, and names that come up; the model listens for them.
    prompt: str = ""
    # More language codes, or other ones: "sarvam:or=or-IN". `engines.codes` is added.
    codes: tuple[str, ...] = ()
    # Utterances heard at once; more wait.
    concurrency: int = 20
    # Seconds for the connection, for a peek's answer, and for the last words once all sound was sent.
    connect_s: float = 5.0
    peek_s: float = 0.7
    finish_s: float = 5.0

    def __post_init__(self) -> None:
        for name in ("concurrency", "connect_s", "peek_s", "finish_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}, but it must be more than 0")
