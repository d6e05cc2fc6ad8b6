"""The settings as options of a command."""

import typer
from typer.testing import CliRunner

from parley.options import FLAGS, Options, takes_settings
from parley.settings import all_settings

app = typer.Typer()
got: list[tuple[Options, bool]] = []


@app.command()
@takes_settings()
def every(options: Options) -> None:
    """Take them all."""
    got.append((options, False))


@app.command()
@takes_settings("port")
def one(options: Options, loud: bool = False) -> None:
    """Take one, and something else."""
    got.append((options, loud))


def run(words: str) -> int:
    got.clear()
    return CliRunner().invoke(app, words.split()).exit_code


def test_every_flag_stands_for_a_setting() -> None:
    """None of them leads nowhere."""
    assert {flag.setting for flag in FLAGS.values()} <= {setting.name for setting in all_settings()}


def test_a_command_gets_what_was_said_and_nothing_else() -> None:
    """By the setting's name; a flag of its own wins over --set."""
    assert run("every --port 9000 --set signaling.port=1 --set rtc.port=5004 --config here.toml") == 0
    [(options, _)] = got
    assert options.flags() == {"signaling.port": ("--port", "9000"), "rtc.port": ("--set rtc.port", "5004")}
    assert str(options.file) == "here.toml"


def test_a_command_that_is_told_nothing_has_no_options() -> None:
    """Then the environment and the file decide."""
    assert run("every") == 0
    assert got == [(Options(), False)]


def test_a_command_takes_only_the_flags_it_names() -> None:
    """Besides --set, --config and its own."""
    assert run("one --port 1 --loud") == 0
    assert got == [(Options({"port": "1"}), True)]
    assert run("one --host here") == 2


def test_the_help_has_every_flag() -> None:
    """With what it is for."""
    words = CliRunner().invoke(app, ["every", "--help"], env={"COLUMNS": "200"}).stdout
    for flag in FLAGS.values():
        assert flag.flag in words
        assert flag.help in words
