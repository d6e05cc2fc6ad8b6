"""`parley overlay`: captions in a window above all others, through which one sees and clicks."""

from typing import Annotated, Literal

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


def overlay(
    where: Where = None,
    microphone: Microphone = False,
    system: System = False,
    device: Device = None,
    speak: Speak = "auto",
    language: Annotated[
        str | None,
        typer.Option(
            "--language", metavar="TAG", help="Of the captions; `spoken`: as it is said. Else this computer's."
        ),
    ] = None,
    dual: Annotated[bool, typer.Option("--dual", help="Both languages.")] = False,
    size: Annotated[int, typer.Option("--size", min=12, max=160, help="Height of letters, in pixels.")] = 34,
    lines: Annotated[int, typer.Option("--lines", min=1, max=12, help="Captions at a time.")] = 2,
    position: Annotated[str, typer.Option("--position", help="top or bottom.")] = "bottom",
    screen: Annotated[int, typer.Option("--screen", min=1, max=16, help="Which, counted from 1.")] = 1,
    width: Annotated[float, typer.Option("--width", min=0.1, max=1.0, help="Of the screen's.")] = 0.8,
    background: Annotated[float, typer.Option("--background", min=0.0, max=1.0, help="How dark.")] = 0.6,
    opacity: Annotated[float, typer.Option("--opacity", min=0.1, max=1.0, help="Of everything.")] = 1.0,
    list_devices: ListDevices = False,
) -> None:
    """Show a room's captions, or those of this computer's sound, above all windows. Ctrl-C ends it.

    WHERE is a room's link, whose captions are shown. With --microphone or --system it is the server (or a room on it)
    that is to hear this computer. While it runs, lines in the terminal change it: `help` shows them.
    A token is read from PARLEY_TOKEN, an API key from PARLEY_API_KEY; without, a development token is asked for.
    """
    if list_devices:
        listed_and_done()
    if position not in ("top", "bottom"):
        end(2, f"--position: there is no {position!r}; it is top or bottom")
    wishes = wishes_of(
        where,
        microphone=microphone,
        system=system,
        device=device,
        speak=speak,
        reads=language,
        reads_otherwise="spoken" if microphone or system else None,
    )
    ready_for(window=True, sound=wishes.ear is not None)
    from parley.desktop.app import run
    from parley.desktop.look import Look
    from parley.desktop.terminal import read_lines

    edge: Literal["top", "bottom"] = "top" if position == "top" else "bottom"
    look = Look(size, background, opacity, lines, dual, edge, screen, width)
    raise typer.Exit(run(wishes, look, listen=read_lines))
