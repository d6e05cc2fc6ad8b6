"""What became of a run, as a table and as JSON."""

from collections.abc import Iterable, Mapping

import msgspec

from parley.load.diary import Diary, Receipt, Said
from parley.load.distribution import Distribution, of_values
from parley.load.plan import LoadPlan
from parley.load.word_errors import NONE
from parley.table import table


class Joins(msgspec.Struct, frozen=True, kw_only=True):
    """Who came in, and how long it took until sound could flow."""

    wanted: int
    made: int
    took: Distribution


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Of one kind of thing: to each listener, one of each turn is due."""

    due: int
    came: int
    # From when the words were spoken; see `LoadReport`.
    latency: Distribution


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """One run. Latencies are as the clients see them, by one clock."""

    rooms: int
    kind: str
    seconds: float
    # Whether somebody ended it before its time.
    stopped: bool
    joins: Joins
    turns: int
    # Of all sound and captions that were due; 1 if all came, None if nothing was due.
    delivered: float | None
    # From the end of the last word to the first sound of the voice in the listener's ear: below nothing where it began
    # while the speaker still talked.
    voice: Delivery
    # From the first sample spoken to the first one heard of the speaker's own sound.
    floor: Delivery
    # From the end of the last word to the last final caption.
    caption: Delivery
    # From the beginning of the first word to the first caption, which is mostly an interim one.
    first_caption: Distribution
    # Listeners whose language the speaker does not speak, who got the original instead of a voice.
    originals_instead: int
    # What the server says of its stages.
    stages: Mapping[str, Distribution]
    # Wrong words for each that was said; None where the text is not known.
    word_error_rate: float | None
    words: int
    # Messages of sound, and how many are missing between those that came (only audio sockets count them).
    frames: int
    frames_lost: int
    # By what went wrong.
    errors: Mapping[str, int]


def report(
    plan: LoadPlan, diary: Diary, *, wanted: int, seconds: float, stopped: bool, stages: Mapping[str, Distribution]
) -> LoadReport:
    """Add up a run."""
    came, due = diary.tally
    errors = NONE
    for said in diary.said:
        # Who was not heard at all said no wrong words; that they are missing stands in `delivered`.
        errors = errors.with_(said.errors) if said.receipts else errors
    receipts = list(diary.receipts)
    voices = [(said, receipt) for said, receipt in receipts if receipt.due == "voice"]
    floors = [(said, receipt) for said, receipt in receipts if receipt.due == "floor"]
    return LoadReport(
        rooms=plan.rooms,
        kind=plan.kind,
        seconds=round(seconds, 1),
        stopped=stopped,
        joins=Joins(wanted=wanted, made=len(diary.joins_s), took=of_values(diary.joins_s)),
        turns=len(diary.said),
        delivered=round(came / due, 4) if due else None,
        voice=_delivery(voices, [(r.voice_at, s.words_end) for s, r in voices]),
        floor=_delivery(floors, [(r.floor_at, s.began) for s, r in floors]),
        caption=_delivery(receipts, [(r.final_at, s.words_end) for s, r in receipts]),
        first_caption=of_values([r.caption_at - s.words_begin for s, r in receipts if r.caption_at is not None]),
        originals_instead=sum(r.voice_at is None and r.floor_at is not None for _, r in voices),
        stages=stages,
        word_error_rate=None if errors.rate is None else round(errors.rate, 4),
        words=errors.words,
        frames=diary.frames,
        frames_lost=diary.frames_lost,
        errors=dict(sorted(diary.errors.items())),
    )


def _delivery(of: list[tuple[Said, Receipt]], times: Iterable[tuple[float | None, float]]) -> Delivery:
    took = [at - since for at, since in times if at is not None]
    return Delivery(due=len(of), came=len(took), latency=of_values(took))


def as_json(run: LoadReport) -> str:
    """Give a run as one line of JSON."""
    return msgspec.json.encode(run).decode()


_HEAD = ("WHAT", "CAME", "DUE", "P50 MS", "P95 MS", "P99 MS")


def as_table(run: LoadReport) -> str:
    """Give a run for people."""
    rows = [_row("joined", run.joins.took, run.joins.made, run.joins.wanted)]
    for name, kind in (("voice", run.voice), ("original", run.floor), ("caption, final", run.caption)):
        if kind.due:
            rows.append(_row(name, kind.latency, kind.came, kind.due))
    rows.append(_row("caption, first", run.first_caption, run.first_caption.n, None))
    rows += [_row(f"server: {name}", each, each.n, None) for name, each in run.stages.items()]
    return "\n".join([table(_HEAD, rows), "", *_lines(run)])


def _lines(run: LoadReport) -> list[str]:
    delivered = "nothing was due" if run.delivered is None else f"delivered {run.delivered:.2%}"
    rooms = f"{run.rooms} room{'s' * (run.rooms != 1)}"
    lines = [f"{run.turns} turns in {rooms}, {run.seconds:.0f} s{' (stopped)' * run.stopped}: {delivered}"]
    if run.originals_instead:
        lines.append(f"{run.originals_instead} times the original was heard instead of a voice")
    if run.word_error_rate is not None:
        lines.append(f"{run.word_error_rate:.1%} of {run.words} words were heard wrongly")
    if run.frames_lost:
        lines.append(f"{run.frames_lost} messages of sound are missing between {run.frames} that came")
    lines += [f"{count} x {error}" for error, count in run.errors.items()]
    return lines


def _row(name: str, times: Distribution, came: int, due: int | None) -> tuple[str, ...]:
    numbers = (times.p50_ms, times.p95_ms, times.p99_ms)
    return (name, str(came), "" if due is None else str(due), *("" if n is None else f"{n:.0f}" for n in numbers))
