"""The command line. Data goes to standard output, everything else to standard error.

Exit codes: 0 done, 1 it could not be done here (something is missing, a port is taken), 2 it was told wrongly.
"""

import asyncio
import importlib.metadata
import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from parley.options import Options, takes_settings

if TYPE_CHECKING:
    from parley.settings import Loaded

# What a command needs beyond this is imported by the command: `parley --version` should not wait for aiortc.

app = typer.Typer(
    name="parley",
    help="Voice rooms in which everybody speaks their own language and hears everybody else in theirs.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(importlib.metadata.version("parley"))
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Voice rooms in which everybody speaks their own language and hears everybody else in theirs."""


@app.command()
@takes_settings()
def serve(options: Options) -> None:
    """Serve the whole system: page, signaling, media, pipeline and offline engines."""
    loaded = _load(options)
    from parley import logs
    from parley.serve import serve as serve_until_stopped
    from pipeline.engines.engine import EngineUnavailableError
    from pipeline.event_loop import new_event_loop

    logs.configure(loaded.settings.log)
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(serve_until_stopped(loaded.settings))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except EngineUnavailableError as error:
        _complain(f"{error}; `parley engines` lists them all")
        raise typer.Exit(1) from None
    except OSError as error:
        _complain(f"{error.strerror or error}; `parley doctor` looks at the ports")
        raise typer.Exit(1) from None


@app.command()
def engines(as_json: Json = False) -> None:
    """List the engines there are, what they can do, their licences, and whether they work here."""
    from parley.engine_report import engine_reports
    from parley.table import table

    reports = engine_reports()
    if as_json:
        _print_json([vars(report) for report in reports])
        return
    head = ("STAGE", "ENGINE", "WORKS", "WHERE", "LICENCE", "ITS DATA", "LANGUAGES, OR WHAT TO DO")
    typer.echo(
        table(
            head,
            [
                (
                    report.stage,
                    report.name,
                    "yes" if report.works else "no",
                    report.where or "",
                    report.licence or "",
                    report.model_licence or "",
                    report.abilities if report.works else f"{report.why}: {report.remedy}",
                )
                for report in reports
            ],
        )
    )


@app.command()
@takes_settings("host", "port", "media_port")
def doctor(options: Options, as_json: Json = False) -> None:
    """Look at what Parley needs on this machine, and say what to do about each thing missing."""
    from parley.doctor import can_run, examine, render

    findings = examine(_load(options).settings)
    if as_json:
        _print_json({"can_run": can_run(findings), "findings": [vars(finding) for finding in findings]})
    else:
        typer.echo(render(findings, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    if not can_run(findings):
        raise typer.Exit(1)


@app.command("config")
@takes_settings()
def show_config(
    options: Options,
    changed: Annotated[bool, typer.Option("--changed", help="Only what is not the default.")] = False,
    as_json: Json = False,
) -> None:
    """Show the settings in force and where each came from, as a TOML file; secrets are hidden."""
    from parley.config import as_json as as_document
    from parley.config import render
    from parley.settings import DEFAULT

    rows = [row for row in _load(options).rows() if not (changed and row.origin == DEFAULT)]
    if as_json:
        _print_json(as_document(rows))
    else:
        typer.echo(render(rows))


@app.command()
def schema() -> None:
    """Print the JSON Schema of every message that travels through the pipeline."""
    from pipeline.messages.codec import json_schemas

    _print_json(json_schemas())


def _load(options: Options) -> "Loaded":
    """Read the settings for a command, or end with exit code 2 and one line that says what is wrong."""
    from parley.errors import SettingsError
    from parley.settings import load

    try:
        return load(options.flags(), file=options.file)
    except SettingsError as error:
        _complain(str(error))
        raise typer.Exit(2) from None


def _print_json(document: object) -> None:
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _complain(words: str) -> None:
    typer.echo(f"parley: {words}", err=True)
