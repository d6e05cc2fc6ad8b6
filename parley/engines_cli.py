"""`parley engines`: which engines there are, whether they work here, and a trial of one."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from parley.options import Options, end, loaded, takes_settings

if TYPE_CHECKING:
    from parley.engine_report import EngineReport
    from parley.engine_trial import Trial
    from pipeline.engines.registry import EngineFile

app = typer.Typer(
    name="engines",
    help="List the engines there are, what they can do, their licences, and whether they work here; try one.",
    add_completion=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")]
HEAD = ("STAGE", "ENGINE", "WORKS", "WHERE", "LICENCE", "ITS DATA", "LANGUAGES, OR WHAT TO DO")


@app.callback()
@takes_settings("log_level")
def list_engines(options: Options, ctx: typer.Context, as_json: Json = False) -> None:
    """List the engines there are, what they can do, their licences, and whether they work here; try one."""
    if ctx.invoked_subcommand is not None:
        return
    from parley.engine_report import advice, engine_reports
    from parley.stop import tell
    from parley.table import table

    reports = engine_reports(loaded(options).settings.engines)
    if as_json:
        typer.echo(json.dumps([vars(report) for report in reports], indent=2, ensure_ascii=False))
        return
    typer.echo(table(HEAD, [_row(report) for report in reports]))
    for line in advice(reports):
        tell(line)


@app.command("test")
@takes_settings("log_level")
def try_engine(
    options: Options,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `parley engines` names it.")],
    stage: Annotated[str, typer.Option("--stage", help="If it has several: recognition, translation, synthesis.")] = "",
    language: Annotated[str, typer.Option("--language", metavar="TAG", help="To hear, speak or translate into.")] = "",
    source: Annotated[str, typer.Option("--from", metavar="TAG", help="To translate from.")] = "en",
    text: Annotated[str, typer.Option("--text", help="To say, speak or translate, instead of a sample.")] = "",
    file: Annotated[Path | None, typer.Option("--file", metavar="WAV", help="To hear, instead of a sample.")] = None,
    as_json: Json = False,
) -> None:
    """Let an engine hear, translate or speak something, in a process as when it serves, and print the times."""
    from parley.engine_trial import Sample
    from parley.engine_trial import try_engine as run
    from parley.samples import read_wav
    from pipeline.engines.engine import EngineError

    settings = loaded(options).settings.engines
    found = _files(name, stage)
    try:
        pcm = read_wav(file) if file else b""
    except (OSError, ValueError) as error:
        end(2, str(error))
    sample = Sample(language, source, text, pcm)
    try:
        trials = [asyncio.run(run(each, settings, sample)) for each in found]
    except EngineError as error:
        end(1, str(error) or type(error).__name__)
    if as_json:
        typer.echo(json.dumps([vars(trial) for trial in trials], indent=2, ensure_ascii=False))
    else:
        typer.echo("\n\n".join(map(_told, trials)))


def _files(name: str, stage: str) -> "list[EngineFile]":
    """Find the engine's files: one for each of its stages."""
    from pipeline.engines.registry import engine_files
    from pipeline.messages.worker_status import Stage

    if stage and stage not in get_args(Stage):
        end(2, f"there is no stage {stage!r}; it is one of {', '.join(get_args(Stage))}")
    known = [each for each in engine_files() if stage in ("", each.stage)]
    found = [each for each in known if each.name == name.replace("-", "_")]
    if not found:
        names = dict.fromkeys(each.name for each in known)
        end(2, f"there is no engine {name!r}{f' for {stage}' if stage else ''}; it is one of {', '.join(names)}")
    return found


def _row(report: "EngineReport") -> tuple[str, ...]:
    return (
        report.stage,
        report.name,
        "yes" if report.works else "no",
        report.where or "",
        report.licence or "",
        report.model_licence or "",
        report.abilities if report.works else f"{report.why}: {report.remedy}",
    )


def _told(trial: "Trial") -> str:
    """Tell of a trial for people."""
    facts = {
        trial.stage: f"{trial.engine}, {trial.language}",
        "asked": trial.asked,
        "answered": trial.answered or f"{trial.sound_s:.2f} s of sound",
        "start": f"{trial.start_s:.2f} s until it was ready",
        "first": f"{trial.first_s * 1000:.0f} ms",
        "total": f"{trial.total_s * 1000:.0f} ms",
    }
    if trial.sound_s:
        facts["total"] += f" for {trial.sound_s:.2f} s of sound ({trial.total_s / trial.sound_s:.2f} of real time)"
    width = max(map(len, facts))
    return "\n".join(f"{name:{width}}  {fact}" for name, fact in facts.items())
