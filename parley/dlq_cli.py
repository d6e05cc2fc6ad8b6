"""`parley dlq`: look at the dead letters, replay them, throw them away."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

import typer

from parley.options import Options, end, loaded, takes_settings
from parley.stop import tell

if TYPE_CHECKING:
    from parley.dlq import Entry, Filter
    from parley.dlq_replay import Outcome
    from pipeline.bus.bus import Bus

T = TypeVar("T")

app = typer.Typer(
    name="dlq",
    help="What failed for good: list it, look at it, replay it, throw it away.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

SHOWN_EVERY_S = 1.0
"""Between two lines of progress."""

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these; otherwise all that fit.")]
ById = Annotated[list[str], typer.Argument(metavar="ID...", help="As `parley dlq list` names them.")]
Stage = Annotated[str, typer.Option("--stage", help="Only of recognition, translation or synthesis.")]
Room = Annotated[str, typer.Option("--room", help="Only from this room.")]
Error = Annotated[str, typer.Option("--error", metavar="CLASS", help="Only with this class of error.")]
Since = Annotated[str, typer.Option("--since", metavar="WHEN", help="Only what failed since: 10m, 2h, or ISO 8601.")]
Until = Annotated[str, typer.Option("--until", metavar="WHEN", help="Only what failed before.")]
All = Annotated[bool, typer.Option("--all", help="All there are, where nothing else says which.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")]


@app.command("list")
@takes_settings("bus", "log_level", "log_format")
def list_letters(
    options: Options,
    stage: Stage = "",
    room: Room = "",
    error: Error = "",
    since: Since = "",
    until: Until = "",
    as_json: Json = False,
) -> None:
    """List the dead letters, the oldest first."""
    from parley.dlq import entries
    from parley.dlq_report import as_document, render

    which = _filter((), stage, room, error, since, until)
    found = _on_bus(options, lambda bus: entries(bus, which))
    if as_json:
        typer.echo(json.dumps([as_document(entry) for entry in found], indent=2, ensure_ascii=False))
    elif found:
        typer.echo(render(found))
    tell(_counted(found))


@app.command()
@takes_settings("bus", "log_level", "log_format")
def show(
    options: Options,
    ids: ById,
    text: Annotated[bool, typer.Option("--text", help="Also what was said, as far as it is text.")] = False,
    as_json: Json = False,
) -> None:
    """Show everything about some letters, except what was said."""
    from parley.dlq import Filter, entries, letters
    from parley.dlq_report import whole_document

    async def find(bus: "Bus") -> list[dict[str, Any]]:
        places = {entry.place: entry for entry in await entries(bus, Filter(ids=tuple(ids)))}
        return [
            whole_document(places[place], letter, with_text=text)
            async for letter, place in letters(bus)
            if place in places
        ]

    found = _on_bus(options, find)
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for document in found:
            typer.echo("\n".join(_lines(document)) + "\n")
    missing = set(ids) - {document["id"] for document in found}
    if missing:
        end(1, f"there is no letter {', '.join(sorted(missing))}")


@app.command()
@takes_settings("bus", "log_level", "log_format")
def replay(
    options: Options,
    ids: Ids = None,
    stage: Stage = "",
    room: Room = "",
    error: Error = "",
    since: Since = "",
    until: Until = "",
    every: All = False,
    dry_run: DryRun = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the letters there afterwards.")] = False,
    per_second: Annotated[
        float, typer.Option("--per-second", min=0.0, help="Letters at most; 0: as fast as it goes.")
    ] = 2.0,
) -> None:
    """Try again, for captions and transcripts only: publish what is missing, then throw the letters away."""
    from parley.dlq import entries, purge
    from parley.dlq_replay import replay as replay_letters
    from pipeline.clock import now_ms

    which = _chosen(_filter(ids or (), stage, room, error, since, until), every=every)

    async def again(bus: "Bus") -> "tuple[list[Entry], Outcome]":
        found = await entries(bus, which)
        progress = _progress("replayed", len(found))
        outcome = await replay_letters(bus, found, per_second=per_second, dry_run=dry_run, progress=progress)
        if outcome.done and not (keep or dry_run):
            await purge(bus, outcome.done, now_ms(), _progress("kept", None))
        return found, outcome

    found, outcome = _on_bus(options, again)
    for letter_id, why in outcome.refused.items():
        tell(f"{letter_id}: {why}")
    tell(
        f"{_counted(found)}: {len(outcome.replayed)} {'would be ' if dry_run else ''}replayed "
        f"({outcome.records} records), {len(outcome.needless)} of which nothing was missing, "
        f"{len(outcome.refused)} refused"
    )
    if outcome.refused:
        raise typer.Exit(1)


@app.command("purge")
@takes_settings("bus", "log_level", "log_format")
def purge_letters(
    options: Options,
    ids: Ids = None,
    stage: Stage = "",
    room: Room = "",
    error: Error = "",
    since: Since = "",
    until: Until = "",
    every: All = False,
    dry_run: DryRun = False,
) -> None:
    """Throw letters away for good."""
    from parley.dlq import entries, purge
    from pipeline.clock import now_ms

    which = _chosen(_filter(ids or (), stage, room, error, since, until), every=every)

    async def throw_away(bus: "Bus") -> "tuple[list[Entry], int]":
        found = await entries(bus, which)
        if dry_run:
            return found, 0
        return found, await purge(bus, {entry.id for entry in found}, now_ms(), _progress("kept", None))

    found, stay = _on_bus(options, throw_away)
    would = "would be " if dry_run else ""
    tell(f"{_counted(found)}: {would}thrown away" + (f"; {stay} others were written anew" if stay else ""))


def _filter(ids: "list[str] | tuple[str, ...]", stage: str, room: str, error: str, since: str, until: str) -> "Filter":
    from parley.dlq import Filter
    from parley.moment import parse_moment
    from pipeline.clock import now_ms
    from pipeline.messages.worker_status import Stage as StageName

    stages = get_args(StageName)
    if stage and stage not in stages:
        end(2, f"there is no stage {stage!r}; it is one of {', '.join(stages)}")
    try:
        moments = [parse_moment(when, now_ms()) if when else None for when in (since, until)]
    except ValueError as wrong:
        end(2, str(wrong))
    return Filter(tuple(ids), stage, room, error, *moments)


def _chosen(which: "Filter", *, every: bool) -> "Filter":
    """Never take all letters because nobody said which."""
    from parley.dlq import Filter

    if which == Filter() and not every:
        end(2, "say which letters: ids, --stage, --room, --error, --since or --until; or --all")
    return which


def _on_bus(options: Options, what: "Callable[[Bus], Coroutine[Any, Any, T]]") -> T:
    """Do something on the bus that the settings name, or end with one line that says why not."""
    from parley import logs
    from parley.buses import is_remote, open_bus
    from pipeline.bus.bus import BusError

    async def run() -> T:
        async with open_bus(settings.pipeline) as bus:
            return await what(bus)

    settings = loaded(options).settings
    if not is_remote(settings.pipeline):
        end(2, "the memory bus is gone with its process; name the broker: --bus kafka://host:port")
    logs.configure(settings.log)
    try:
        return asyncio.run(run())
    except BusError as error:
        end(1, str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _progress(what: str, total: int | None) -> Callable[[int], None]:
    """Tell now and then how far it has come."""
    told_at = time.monotonic()

    def progress(count: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= SHOWN_EVERY_S:
            told_at = time.monotonic()
            tell(f"{count}{f' of {total}' if total else ''} {what} ...")

    return progress


def _counted(found: "list[Entry]") -> str:
    return f"{len(found)} {'letter' if len(found) == 1 else 'letters'}"


def _lines(document: dict[str, Any]) -> list[str]:
    originals = document.pop("originals")
    lines = [f"{name}: {value}" for name, value in document.items()]
    return [*lines, *(f"  {', '.join(f'{name} {value}' for name, value in one.items())}" for one in originals)]
