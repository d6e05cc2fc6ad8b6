"""Figures as a server would tell them."""

from media_server.events import ClauseSeen, Figures, SlotForwarded, UtteranceSeen


def seen(
    name: str,
    speaker_id: str = "anna",
    *,
    recognised: int | None = 310,
    heard: int | None = 471,
    slow: int = 0,
    source: str = "en",
    lost: int = 0,
) -> UtteranceSeen:
    """One utterance of one clause; `slow`: milliseconds by which its translation takes longer."""
    clause = ClauseSeen(
        clause=0,
        recognised_ms=recognised,
        translated_ms=340 + slow,
        synthesised_ms=395 + slow,
        arrived_ms=399 + slow,
        first_packet_ms=402 + slow,
        heard_ms=None if heard is None else heard + slow,
    )
    return UtteranceSeen(
        utterance_id=name,
        speaker_id=speaker_id,
        source=source,
        target="es",
        started_at_ms=1_767_225_598_000,
        clauses=(clause,),
        lost=lost,
    )


def slot(mid: str, packets: int, *, kind: str = "voice", speaker_id: str | None = "anna") -> SlotForwarded:
    """One slot that has sent so many packets of 80 bytes."""
    language = "es" if kind == "voice" and speaker_id else None
    return SlotForwarded(
        mid=mid,
        kind=kind,  # type: ignore[arg-type]
        speaker_id=speaker_id,
        language=language,
        packets=packets,
        octets=80 * packets,
    )


def figures(*utterances: UtteranceSeen, slots: tuple[SlotForwarded, ...] = ()) -> Figures:
    """Give what a page that watches is told."""
    return Figures(utterances=utterances, slots=slots, rtt_ms=24)
