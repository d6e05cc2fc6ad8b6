"""What can be set about OpenAI's speech, and about servers that speak its protocol."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class OpenAISpeechOptions:
    """Access, model and voices."""

    # From platform.openai.com; servers of one's own often need none.
    api_key: str = field(default="", repr=False)
    # With the version, as such servers are named: http://127.0.0.1:8880/v1 for one on this machine.
    base_url: str = "https://api.openai.com/v1"
    # http://HOST:PORT; the environment's proxies are not used.
    proxy: str = ""
    # As the server calls it. OpenAI's tts-1 begins soonest, and knows speed.
    model: str = "tts-1"
    # Everybody gets one of these, always the same. As the server calls them.
    voices: tuple[str, ...] = ("alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer")
    # How it is to be said; only the newer models of OpenAI listen to it.
    instructions: str = ""
    # Hertz of the PCM that the server answers; OpenAI's have 24,000.
    sample_rate: int = 24_000
    # Tags of those that the server speaks; all that OpenAI's models speak if empty.
    languages: tuple[str, ...] = ()
    # More language codes, or other ones: "openai:gl=gl". `engines.codes` is added.
    codes: tuple[str, ...] = ()
    # Requests under way at once; more wait.
    concurrency: int = 16
    # Seconds for the first sound and between two pieces, and for the connection.
    timeout_s: float = 8.0
    connect_s: float = 5.0

    def __post_init__(self) -> None:
        for name in ("concurrency", "timeout_s", "connect_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}, but it must be more than 0")
        if not 8_000 <= self.sample_rate <= 48_000:
            raise ValueError(f"sample_rate is {self.sample_rate}, but it must be from 8000 to 48000")
        if not self.voices:
            raise ValueError("voices is empty, but the server needs to be told at least one")
