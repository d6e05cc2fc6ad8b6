"""`parley load`: how a running server does with many people in it."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from parley.options import end

if TYPE_CHECKING:
    from parley.load.plan import Kind, LoadPlan, Pair
    from parley.load.report import LoadReport

API_KEY_VARIABLE = "PARLEY_API_KEY"
"""Where the API key is looked for: on the command line everybody on the machine could read it."""


def load(
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Of the server.")] = "http://127.0.0.1:8080",
    rooms: Annotated[int, typer.Option("--rooms", min=1, help="How many rooms.")] = 1,
    clients: Annotated[int, typer.Option("--clients", min=0, help="In each room: who talk in turn.")] = 2,
    listeners: Annotated[int, typer.Option("--listeners", min=0, help="In each room: who only listen.")] = 0,
    pairs: Annotated[
        str,
        typer.Option("--language-pairs", metavar="A:B,...", help="What people speak and listen to, given in turn."),
    ] = "en:es",
    kind: Annotated[str, typer.Option("--kind", help="How sound travels: webrtc, audio (WebSocket), mixed.")] = "audio",
    speech: Annotated[
        Path | None,
        typer.Option("--speech", metavar="DIR", help="WAV files, the text of a.wav in a.txt; else it is made."),
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, help="How long it goes on.")] = 30.0,
    pause: Annotated[float, typer.Option("--pause", min=0.0, help="Seconds between two turns in a room.")] = 2.0,
    least: Annotated[
        float, typer.Option("--min-delivered", min=0.0, max=1.0, help="Exit code 1 if less of it was delivered.")
    ] = 0.0,
    metrics: Annotated[
        list[str] | None, typer.Option("--metrics", metavar="URL", help="Another server with /metrics, a worker say.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON instead of the table.")] = False,
) -> None:
    """Let many clients join a running server, talk and listen, and measure what comes of it.

    An API key for tokens is read from PARLEY_API_KEY; without one, development tokens are asked for. Ctrl-C ends it
    with what was measured so far.
    """
    from parley.load.plan import LoadPlan
    from parley.load.report import as_json as as_line
    from parley.load.report import as_table

    plan = LoadPlan(
        url=url,
        rooms=rooms,
        clients=clients,
        listeners=listeners,
        pairs=read_pairs(pairs),
        kind=cast("Kind", kind),
        seconds=seconds,
        pause_s=pause,
    )
    _check(plan)
    try:
        found = _run(plan, speech, metrics or [])
    except (OSError, ValueError) as error:
        end(2, str(error))
    typer.echo(as_line(found) if as_json else as_table(found))
    if found.joins.made == 0 or (found.delivered or 0.0) < least:
        raise typer.Exit(1)


def read_pairs(text: str) -> "tuple[Pair, ...]":
    """Read `en:es,es:en`; ends the command where it is something else."""
    from parley.load.plan import Pair
    from pipeline.messages.language import UnknownLanguageError, normalise

    found = []
    for each in text.split(","):
        speaking, colon, listening = each.strip().partition(":")
        if not colon:
            end(2, f"--language-pairs: {each!r} is no pair; write what is spoken and listened to, as en:es,es:en")
        try:
            found.append(Pair(normalise(speaking), normalise(listening)))
        except UnknownLanguageError as error:
            end(2, f"--language-pairs: {error}")
    return tuple(found)


def _check(plan: "LoadPlan") -> None:
    from parley.client.address import Address
    from parley.load.plan import Kind

    if plan.kind not in get_args(Kind):
        end(2, f"--kind: there is no {plan.kind!r}; it is one of {', '.join(get_args(Kind))}")
    if plan.clients + plan.listeners == 0:
        end(2, "--clients and --listeners: somebody has to come")
    try:
        Address(plan.url)
    except ValueError as error:
        end(2, f"--url: {error}")


def _run(plan: "LoadPlan", speech: Path | None, metrics: list[str]) -> "LoadReport":
    import asyncio
    import signal
    import time

    from parley.load.progress import LoadProgress
    from parley.load.session import load as run_load
    from pipeline.event_loop import new_event_loop

    async def run() -> "LoadReport":
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        return await run_load(
            plan,
            speech=speech,
            api_key=os.environ.get(API_KEY_VARIABLE, ""),
            metrics=metrics,
            progress=LoadProgress(sys.stderr, time.monotonic),
            stop=stop,
        )

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(run())
