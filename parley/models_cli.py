"""`parley models`: which models engines can load, which are here, and how to get the others."""

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from parley.options import Options, end, loaded, takes_settings

if TYPE_CHECKING:
    from pipeline.engines.models.catalogue import Model

app = typer.Typer(
    name="models",
    help="The models that engines load: list them, pull them, say where they are.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="As `parley models list` names them.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")]


@app.command("list")
@takes_settings("log_level")
def list_models(
    options: Options,
    engine: Annotated[str, typer.Option("--engine", metavar="ENGINE", help="Only those of this engine.")] = "",
    here: Annotated[bool, typer.Option("--here", help="Only those that are on this machine.")] = False,
    as_json: Json = False,
) -> None:
    """List the models, their sizes and licences, and which are on this machine."""
    from parley.models import model_reports
    from parley.stop import tell
    from parley.table import table
    from pipeline.engines.models.folder import models_folder

    folder = models_folder(loaded(options).settings.engines.models_dir)
    wanted = engine.replace("-", "_")
    reports = [
        report
        for report in model_reports(folder)
        if wanted in ("", report.engine) and (report.path is not None or not here)
    ]
    if as_json:
        typer.echo(json.dumps([vars(report) for report in reports], indent=2, ensure_ascii=False))
        return
    head = ("MODEL", "ENGINE", "SIZE", "HERE", "LICENCE", "WHAT IT IS")
    rows = [
        (report.name, report.engine, f"{report.megabytes} MB", report.state, report.licence, report.about)
        for report in reports
    ]
    typer.echo(table(head, rows))
    tell(f"The models folder is {folder}.")


@app.command()
@takes_settings("log_level")
def pull(options: Options, names: Names) -> None:
    """Fetch models that are not here, check those that are, and say where they lie.

    What was broken off goes on; a file that is not what it should be is not kept.
    """
    from parley.progress import Progress
    from parley.stop import tell
    from pipeline.engines.models.errors import ModelError
    from pipeline.engines.models.folder import hub, models_folder
    from pipeline.engines.models.pull import Pull

    settings = loaded(options).settings.engines
    models = [_model(name) for name in names]
    progress = Progress(sys.stderr)
    try:
        for model in models:
            tell(f"{model.name}: {model.about}, {model.megabytes} MB, licence {model.licence}.")
            folder = models_folder(settings.models_dir)
            work = Pull(model, folder, settings.models_url or hub(), offline=settings.models_offline)
            pulled = asyncio.run(work.run(progress.tell))
            tell(f"{model.name} is here: {len(pulled.fetched)} files fetched, {len(pulled.checked)} were here.")
            typer.echo(pulled.folder)
    except ModelError as error:
        progress.end()
        end(1, str(error))
    except OSError as error:
        progress.end()
        end(1, f"{error.filename or models_folder(settings.models_dir)}: {error.strerror or error}")
    except KeyboardInterrupt:
        progress.end()
        end(130, "stopped; the next pull goes on here")


@app.command()
@takes_settings("log_level")
def path(options: Options, names: Names) -> None:
    """Print the folder of each model, a line each; 1 if one is not here."""
    from pipeline.engines.engine import EngineUnavailableError
    from pipeline.engines.models.found import path_of

    models_dir = loaded(options).settings.engines.models_dir
    try:
        for name in names:
            typer.echo(path_of(name, models_dir))
    except EngineUnavailableError as error:
        end(1, str(error))


def _model(name: str) -> "Model":
    from pipeline.engines.models.catalogue import model_named
    from pipeline.engines.models.errors import UnknownModelError

    model = model_named(name)
    if model is None:
        end(2, str(UnknownModelError(name)))
    return model
