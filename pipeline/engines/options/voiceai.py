"""What can be set about Voice.ai."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class VoiceAIOptions:
    """Access, model and voices."""

    # From voice.ai/app/dashboard; nothing works without.
    api_key: str = field(default="", repr=False)
    base_url: str = "https://dev.voice.ai"
    # http://HOST:PORT; the environment's proxies are not used.
    proxy: str = ""
    # As voice.ai/docs lists them; the best for the language if empty.
    model: str = ""
    # The ids of voices of which everybody gets one, always the same. Without any, all sound like the built-in one.
    # Voices of one's account are not taken by themselves: some may be copies of people who did not agree to that.
    voices: tuple[str, ...] = ()
    # How much a sentence is said differently each time, 0 to 2, and how unusual it may get, above 0 to 1.
    temperature: float = 1.0
    top_p: float = 0.8
    # More language codes, or other ones: "voiceai:da=da". `engines.codes` is added.
    codes: tuple[str, ...] = ()
    # Requests under way at once; more wait.
    concurrency: int = 4
    # Seconds for the first sound and between two pieces, and for the connection.
    timeout_s: float = 8.0
    connect_s: float = 5.0

    def __post_init__(self) -> None:
        for name in ("concurrency", "timeout_s", "connect_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}, but it must be more than 0")
        if not 0 <= self.temperature <= 2:
            raise ValueError(f"temperature is {self.temperature}, but it must be from 0 to 2")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p is {self.top_p}, but it must be above 0, and at most 1")
