"""What can be set about DeepL."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class DeepLOptions:
    """The account, and how it is asked."""

    # The account's key; keys that end in :fx are of the free plan.
    api_key: str = ""
    # Where DeepL is asked; empty: where the key's plan is served.
    server_url: str = ""
    # An HTTP proxy on the way there, like http://HOST:PORT; empty: none. The environment's are not used.
    proxy: str = ""
    # Seconds for a whole answer, and for a connection; nothing is tried twice.
    timeout_s: float = 2.5
    connect_s: float = 2.0
    # Requests under way at once, each in a thread.
    concurrency: int = 8
    # Which of DeepL's models; empty: DeepL chooses.
    model_type: Literal["", "latency_optimized", "quality_optimized", "prefer_quality_optimized"] = ""
    # Characters of the clauses before that go with a clause; DeepL does not charge for them. 0: none.
    context: int = 1_000
    # Glossaries that are kept at DeepL, one for each room's words in a pair; one more, and the longest unused is
    # deleted. 0: rooms' glossaries are not used.
    glossaries: int = 50
    # More language codes, or other ones: "deepl:pt=PT-PT". `engines.codes` is added.
    codes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.timeout_s <= 0 or self.connect_s <= 0:
            raise ValueError("timeout_s and connect_s must be above 0")
        if self.concurrency < 1 or self.context < 0 or self.glossaries < 0:
            raise ValueError("concurrency must be at least 1, context and glossaries at least 0")
