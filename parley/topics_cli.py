"""`parley topics`: the topics on a Kafka cluster.

Exit codes: 0 all is as it should be, 1 something is not, or the cluster cannot be reached, 2 it was told wrongly.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import typer

from parley.options import Options, end, takes_settings

if TYPE_CHECKING:
    from pipeline.settings import KafkaSettings

app = typer.Typer(
    name="topics",
    help="Create the topics on a Kafka cluster, or see what is wrong with them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
@takes_settings("bus")
def create(options: Options) -> None:
    """Create what is missing, set right what differs, and say what was done."""
    from parley.topics import create as create_topics

    _run(options, create_topics)


@app.command()
@takes_settings("bus")
def check(options: Options) -> None:
    """Say what differs from how it should be, and change nothing."""
    from parley.topics import check as check_topics

    _run(options, check_topics)


def _run(options: Options, act: Callable[["KafkaSettings"], Coroutine[Any, Any, tuple[list[str], bool]]]) -> None:
    from parley.buses import kafka_settings
    from parley.errors import SettingsError
    from parley.settings import load
    from pipeline.bus.bus import BusError

    try:
        settings = kafka_settings(load(options.flags(), file=options.file).settings.pipeline)
    except (SettingsError, ValueError) as error:
        end(2, f"{error}; name the brokers: --bus kafka://host:port")
    try:
        lines, is_well = asyncio.run(act(settings))
    except BusError as error:
        end(1, str(error))
    typer.echo("\n".join(lines))
    if not is_well:
        raise typer.Exit(1)
