"""What can be set about OpenAI's transcription, and about servers that speak its protocol."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class OpenAITranscriptionOptions:
    """Access, model, windows and guards. Seconds are of sound, if not said otherwise."""

    # From platform.openai.com; servers of one's own often need none.
    api_key: str = field(default="", repr=False)
    # With the version, as such servers are named: http://127.0.0.1:8000/v1 for one on this machine.
    base_url: str = "https://api.openai.com/v1"
    # http://HOST:PORT; the environment's proxies are not used.
    proxy: str = ""
    # As the server calls it.
    model: str = "whisper-1"
    # verbose_json has word times; json has none, and the newer models of OpenAI answer only that. `auto`: json for
    # models whose name begins with gpt, else verbose_json.
    response_format: Literal["auto", "verbose_json", "json"] = "auto"
    # What is talked about, and names that come up, as the text before the sound might have had them.
    prompt: str = ""
    # A growing utterance is sent again once so much was added, for interim text. Each time is paid for, at 1.5 three to
    # four times its length for an utterance of ten seconds; 0: only its end.
    step_s: float = 1.5
    # Beyond this the settled beginning of the utterance is not sent again.
    window_s: float = 15.0
    # Above no_speech_threshold (probability) and at once below log_prob_threshold nobody spoke; text that zlib makes
    # smaller by more than this factor is a loop.
    no_speech_threshold: float = 0.6
    log_prob_threshold: float = -1.0
    compression_ratio_threshold: float = 2.4
    # More language codes, or other ones: "openai:gl=gl". `engines.codes` is added.
    codes: tuple[str, ...] = ()
    # Requests under way at once; more wait.
    concurrency: int = 16
    # Seconds for one answer, and for the connection.
    timeout_s: float = 8.0
    connect_s: float = 5.0

    def __post_init__(self) -> None:
        for name in ("window_s", "concurrency", "timeout_s", "connect_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}, but it must be more than 0")
        if self.step_s and not 0.2 <= self.step_s <= self.window_s:
            raise ValueError(f"step_s is {self.step_s}, but it must be 0, or from 0.2 to window_s")
