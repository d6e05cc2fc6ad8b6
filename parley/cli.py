"""The command line. Data goes to standard output, everything else to standard error.

Exit codes: 0 done, 1 it could not be done here (something is missing, unreachable or taken), 2 it was told wrongly.
"""

import importlib.metadata
import json
import os
import sys
from collections.abc import Coroutine
from typing import Annotated, cast, get_args

import typer

from parley.dlq_cli import app as dlq_app
from parley.engines_cli import app as engines_app
from parley.load_cli import load
from parley.models_cli import app as models_app
from parley.options import SERVE, WORKER, Options, end, loaded, takes_settings
from parley.overlay_cli import overlay
from parley.token_cli import app as token_app
from parley.topics_cli import app as topics_app
from parley.type_cli import type_

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


app.command()(load)
app.command()(overlay)
app.command("type")(type_)
app.add_typer(dlq_app)
app.add_typer(engines_app)
app.add_typer(models_app)
app.add_typer(token_app)
app.add_typer(topics_app)


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Voice rooms in which everybody speaks their own language and hears everybody else in theirs."""


@app.command()
@takes_settings(*SERVE)
def serve(
    options: Options,
    dev: Annotated[
        bool, typer.Option("--dev", help="Let in who sits at this machine, by a secret of this process.")
    ] = False,
    dev_anywhere: Annotated[
        bool, typer.Option("--dev-anywhere", help="With --dev: let in everybody who reaches it.")
    ] = False,
) -> None:
    """Serve the whole system: page, signaling, media and, on the memory bus, pipeline and offline engines."""
    from parley.entrance import check_entrance, dev_settings
    from parley.errors import SettingError

    read = loaded(options, dev_settings(dev=dev, anywhere=dev_anywhere))
    try:
        check_entrance(read.settings.signaling, dev=dev, anywhere=dev_anywhere)
    except SettingError as error:
        end(2, str(error))
    from parley import logs
    from parley.serve import serve as serve_until_stopped

    logs.configure(read.settings.log)
    _run(serve_until_stopped(read.settings))


@app.command()
@takes_settings(*WORKER)
def worker(
    options: Options,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="stt, translation or tts.")],
    engine: Annotated[str | None, typer.Option("--engine", metavar="ENGINE", help="Its engine, or auto.")] = None,
    concurrency: Annotated[
        str | None, typer.Option("--concurrency", metavar="N", help="Processes of each of its engines.")
    ] = None,
) -> None:
    """Work for one stage in a process of its own, on Kafka (`--bus kafka://host:port`)."""
    from pipeline.settings import StageCommand

    if stage not in get_args(StageCommand):
        end(2, f"there is no stage {stage!r}; it is one of {', '.join(get_args(StageCommand))}")
    own = {
        f"engines.{stage}": ("--engine", engine),
        f"engines.{stage}_processes": ("--concurrency", concurrency),
    }
    read = loaded(options, {name: (flag, text) for name, (flag, text) in own.items() if text is not None})
    from parley import logs
    from parley.worker import work

    logs.configure(read.settings.log)
    _run(work(cast("StageCommand", stage), read.settings))


@app.command()
@takes_settings("host", "port", "media_port")
def doctor(options: Options, as_json: Json = False) -> None:
    """Look at what Parley needs on this machine, and say what to do about each thing missing."""
    from parley.doctor import can_run, examine, render

    findings = examine(loaded(options).settings)
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

    rows = [row for row in loaded(options).rows() if not (changed and row.origin == DEFAULT)]
    if as_json:
        _print_json(as_document(rows))
    else:
        typer.echo(render(rows))


@app.command()
def schema() -> None:
    """Print the JSON Schema of every message that travels through the pipeline."""
    from pipeline.messages.codec import json_schemas

    _print_json(json_schemas())


@app.command()
def openapi() -> None:
    """Print the OpenAPI document of the REST interface, which a server has at /api/v1/openapi.json."""
    from signaling.rest.operations import openapi as document

    _print_json(document())


def _run(process: Coroutine[None, None, None]) -> None:
    """Run a process until it is told to stop, or end with one line that says why it cannot."""
    import asyncio

    from parley.errors import SettingsError
    from pipeline.bus.bus import BusUnavailableError, TopicsError
    from pipeline.engines.engine import EngineUnavailableError, UnknownEngineError
    from pipeline.event_loop import new_event_loop
    from signaling.nodes.errors import NodesError

    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(process)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except SettingsError as error:
        end(2, str(error))
    except EngineUnavailableError as error:
        end(2 if isinstance(error, UnknownEngineError) else 1, f"{error}; `parley engines` lists them all")
    except (BusUnavailableError, TopicsError, NodesError) as error:
        end(1, str(error))
    except OSError as error:
        end(1, f"{error.strerror or error}; `parley doctor` looks at the ports")


def _print_json(document: object) -> None:
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
