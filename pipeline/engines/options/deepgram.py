"""What can be set about Deepgram."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DeepgramOptions:
    """Access, model and waiting times of Deepgram's live transcription."""

    # From console.deepgram.com; nothing works without.
    api_key: str = field(default="", repr=False)
    # https://api.eu.deepgram.com keeps the sound in the EU; one's own server works as well.
    base_url: str = "https://api.deepgram.com"
    # http://HOST:PORT; the environment's proxies are not used.
    proxy: str = ""
    # See developers.deepgram.com/docs/models-languages-overview; nova-3 hears the most languages.
    model: str = "nova-3"
    # Words to listen for: names, products. Deepgram takes 500 tokens of them, about a hundred words.
    keyterms: tuple[str, ...] = ()
    # Dates, amounts, addresses as they are written, instead of as they are said.
    smart_format: bool = False
    # Milliseconds of silence after which words are settled; 0: only when asked. 100 is advised where languages mix.
    endpointing_ms: int = 300
    # Keep the sound out of the training of models; it costs more.
    mip_opt_out: bool = False
    # More language codes, or other ones: "deepgram:fil=tl". `engines.codes` is added.
    codes: tuple[str, ...] = ()
    # Utterances heard at once; more wait.
    concurrency: int = 50
    # Seconds for the connection, for a peek's answer, and for the last words once all sound was sent.
    connect_s: float = 5.0
    peek_s: float = 0.7
    finish_s: float = 5.0

    def __post_init__(self) -> None:
        for name in ("concurrency", "connect_s", "peek_s", "finish_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}, but it must be more than 0")
        if self.endpointing_ms < 0:
            raise ValueError(f"endpointing_ms is {self.endpointing_ms}, but it must be at least 0")
