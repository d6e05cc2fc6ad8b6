"""The settings as options of a command: said once, for every command that has them."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn

import typer

from parley.errors import SettingError, SettingsError

if TYPE_CHECKING:
    from parley.settings import Loaded


class Flag(NamedTuple):
    """A setting asked for so often that it has a flag of its own, besides `--set`."""

    flag: str
    setting: str
    help: str
    # What stands for the value in the help; None: TEXT.
    metavar: str | None = None


# By the option's name in Python.
FLAGS = {
    "host": Flag("--host", "signaling.host", "Address on which page and signaling are served."),
    "port": Flag("--port", "signaling.port", "TCP port of page and signaling.", "PORT"),
    "media_port": Flag("--media-port", "rtc.port", "UDP port of all sound; 0: any.", "PORT"),
    "stt": Flag("--stt", "engines.stt", "Engine that hears, or auto.", "ENGINE"),
    "translation": Flag("--translation", "engines.translation", "Engine that translates.", "ENGINE"),
    "tts": Flag("--tts", "engines.tts", "Engine that speaks.", "ENGINE"),
    "bus": Flag("--bus", "pipeline.bus_url", "Where messages travel: memory, or kafka://host:port.", "URL"),
    "workers": Flag(
        "--workers", "pipeline.workers", "Stages to run inside, with Kafka: stt,translation,tts.", "STAGES"
    ),
    "slot": Flag("--slot", "process.slot", "Number of this worker among those of its stage on this host.", "N"),
    "probe_host": Flag("--probe-host", "process.probe_host", "Address of a worker's probes."),
    "probe_port": Flag("--probe-port", "process.probe_port", "TCP port of a worker's probes; 0: any.", "PORT"),
    "log_level": Flag("--log-level", "log.level", "debug, info, warning or error."),
    "log_format": Flag("--log-format", "log.format", "text or json."),
}

# Of these, the flags of `parley serve`.
SERVE = ("host", "port", "media_port", "stt", "translation", "tts", "bus", "workers", "log_level", "log_format")

# And those of `parley worker`, which has others of its own besides.
WORKER = ("bus", "slot", "probe_host", "probe_port", "log_level", "log_format")

_SET = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any setting, as rtc.port=5004.")]
_CONFIG = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings as TOML; otherwise parley.toml.")
]


@dataclass(frozen=True)
class Options:
    """What a command line says of the settings."""

    # By the option's name in Python: the text of each flag that was given.
    given: dict[str, str] = field(default_factory=dict)
    # NAME=VALUE, each `--set`.
    pairs: tuple[str, ...] = ()
    # `--config`.
    file: Path | None = None

    def flags(self) -> dict[str, tuple[str, str]]:
        """Give the flag and its text by the setting's name; a flag of its own wins over --set.

        Raises:
            SettingError: a --set without a value.
        """
        said = {}
        for pair in self.pairs:
            name, equals, text = pair.partition("=")
            if not equals:
                raise SettingError(pair, "--set", "it names no value", "write NAME=VALUE, as in rtc.port=5004")
            said[name.strip()] = (f"--set {name.strip()}", text)
        for option, text in self.given.items():
            said[FLAGS[option].setting] = (FLAGS[option].flag, text)
        return said


def loaded(options: Options, more: dict[str, tuple[str, str]] | None = None) -> "Loaded":
    """Read the settings for a command, or end with exit code 2 and one line that says what is wrong.

    `more`: by the setting's name, flags of that command alone.
    """
    from parley.settings import load

    try:
        return load({**options.flags(), **(more or {})}, file=options.file)
    except SettingsError as error:
        end(2, str(error))


def end(code: int, words: str) -> NoReturn:
    """End a command with this exit code, and one line on standard error that says why."""
    typer.echo(f"parley: {words}", err=True)
    raise typer.Exit(code) from None


Command = Callable[..., None]


def takes_settings(*names: str, flags: bool = True) -> Callable[[Command], Command]:
    """Make a command of a function whose first parameter is Options; its other parameters are options of its own.

    The command gets the flags of these names (of all, if none is given; of none without `flags`), `--set`, `--config`.
    """
    own_flags = {name: FLAGS[name] for name in (names or FLAGS if flags else ())}

    def make(command: Command) -> Command:
        own = list(inspect.signature(command).parameters.values())[1:]

        @functools.wraps(command)
        def run(**params: Any) -> None:
            given = {name: params[name] for name in own_flags if params[name] is not None}
            options = Options(given, tuple(params["settings"] or ()), params["config"])
            command(options, **{each.name: params[each.name] for each in own})

        shared = [
            *(_parameter(name, Annotated[str | None, _option(flag)]) for name, flag in own_flags.items()),
            _parameter("settings", _SET),
            _parameter("config", _CONFIG),
        ]
        parameters = [*shared, *(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own)]
        # Typer reads a command's options from both.
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return make


def _option(flag: Flag) -> Any:
    return typer.Option(flag.flag, metavar=flag.metavar, help=flag.help)


def _parameter(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
