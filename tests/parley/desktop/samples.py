"""Captions as a server tells them."""

from parley.client.events import Caption


def said(
    text: str,
    *,
    clause: int = 0,
    final: bool = True,
    at_ms: int = 1_000,
    language: str = "es",
    speaker: str = "p-2",
    original: str | None = None,
    name: str | None = None,
) -> Caption:
    """Give a caption of one utterance."""
    return Caption(
        speaker_id=speaker,
        language=language,
        text=text,
        is_final=final,
        timestamp_ms=at_ms,
        utterance_id=f"{speaker}-u",
        clause=clause,
        source_text=text if original is None else original,
        source_language="en",
        speaker_name=name,
    )
