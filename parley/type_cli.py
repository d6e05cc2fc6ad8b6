"""`parley type`: what is said is typed into whichever window has the keyboard."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from parley.desktop.options import (
    Device,
    ListDevices,
    Microphone,
    Speak,
    System,
    Where,
    listed_and_done,
    ready_for,
    wishes_of,
)
from parley.options import end

if TYPE_CHECKING:
    from parley.desktop.keyboard import Keyboard


def type_(
    where: Where = None,
    microphone: Microphone = False,
    system: System = False,
    device: Device = None,
    speak: Speak = "auto",
    language: Annotated[
        str, typer.Option("--language", metavar="TAG", help="Of what is typed, translated if need be.")
    ] = "spoken",
    interim_window: Annotated[
        bool, typer.Option("--interim-window", help="Show what is not final yet in a window above all others.")
    ] = False,
    printed: Annotated[bool, typer.Option("--print", help="Print it, a line a clause, instead of typing it.")] = False,
    list_devices: ListDevices = False,
) -> None:
    """Type what you say into whichever window has the keyboard. Ctrl-C ends it.

    WHERE is the server (or a room on it) that hears this computer; the one at 127.0.0.1:8080 if left out. While it
    runs, lines in the terminal change it (`speak es`, `read fr`, `pause`): `help` shows them.
    A token is read from PARLEY_TOKEN, an API key from PARLEY_API_KEY; without, a development token is asked for.
    """
    if list_devices:
        listed_and_done()
    wishes = wishes_of(
        where,
        microphone=microphone or not system,
        system=system,
        device=device,
        speak=speak,
        reads=language,
        reads_otherwise="spoken",
    )
    ready_for(window=interim_window, sound=True, keyboard=not printed)
    keyboard = _keyboard(printed=printed)
    from parley.desktop.terminal import read_lines

    if interim_window:
        from parley.desktop.app import run as run_with_window
        from parley.desktop.look import Look

        code = run_with_window(wishes, Look(size=24, lines=1), keyboard=keyboard, listen=read_lines)
    else:
        from parley.desktop.console import run as run_in_terminal

        typer.echo(
            "Speak; what you say is typed where the keyboard is. `help` shows what you can write here.", err=True
        )
        code = run_in_terminal(wishes, keyboard, listen=read_lines)
    raise typer.Exit(code)


def _keyboard(*, printed: bool) -> "Keyboard":
    from parley.desktop.keyboard import KeyboardError, Paper, keyboard, limits

    if printed:
        return Paper(sys.stdout)
    try:
        made = keyboard()
    except KeyboardError as error:
        end(1, f"{error}")
    if limits():
        typer.echo(limits(), err=True)
    return made
