"""What can be set about translation by OpenAI-compatible chat endpoints."""

from dataclasses import dataclass

OWN = "https://api.openai.com/v1"
"""OpenAI's own service: it wants a key, where a local server may not."""


@dataclass(frozen=True)
class OpenAITranslationOptions:
    """The endpoint, the model, and what the model is told."""

    # Up to and with the version: /chat/completions is appended. Local servers: like http://127.0.0.1:11434/v1.
    base_url: str = OWN
    api_key: str = ""
    # The model's name at the endpoint.
    model: str = "gpt-4o-mini"
    # Seconds for a whole answer; nothing is tried twice.
    timeout_s: float = 2.8
    # Requests under way at once.
    concurrency: int = 16
    # Languages that the model is used for, as tags.
    languages: tuple[str, ...] = (
        *("ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fil", "fr", "he", "hi", "hr"),
        *("hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv"),
        *("sw", "ta", "te", "th", "tr", "uk", "ur", "vi", "zh", "zh-Hant"),
    )
    # Tokens of an answer: at most so many times the text's characters, and 64 more.
    longest: float = 1.5
    # Terms of the room's glossary, and characters of the clauses before, that go with a clause.
    glossary_terms: int = 50
    context: int = 600
    # Fields of the request besides ours, as NAME=JSON: `reasoning_effort="minimal"`; `temperature=null` leaves it out.
    extra: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.timeout_s <= 0 or self.longest <= 0:
            raise ValueError("timeout_s and longest must be above 0")
        if self.concurrency < 1 or self.glossary_terms < 0 or self.context < 0:
            raise ValueError("concurrency must be at least 1, glossary_terms and context at least 0")
