"""What `parley overlay` and `parley type` have in common on the command line."""

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from parley.load_cli import API_KEY_VARIABLE
from parley.options import end

if TYPE_CHECKING:
    from parley.client.tokens import TokenSource
    from parley.desktop.session import Wishes

TOKEN_VARIABLE = "PARLEY_TOKEN"  # noqa: S105 - where one is found
"""Where a token is looked for: on the command line everybody on the machine could read it."""
LOCAL = "http://127.0.0.1:8080"

Where = Annotated[str | None, typer.Argument(metavar="WHERE", show_default=False)]
Microphone = Annotated[bool, typer.Option("--microphone", help="Listen to this computer's microphone.")]
System = Annotated[bool, typer.Option("--system", help="Listen to what this computer plays.")]
Device = Annotated[
    str | None, typer.Option("--device", metavar="NAME", help="Which: part of a name of --list-devices.")
]
Speak = Annotated[str, typer.Option("--speak", metavar="TAG", help="The language spoken; auto: it is found out.")]
ListDevices = Annotated[bool, typer.Option("--list-devices", help="Show what can be listened to, and end.")]


def wishes_of(
    where: str | None,
    *,
    microphone: bool,
    system: bool,
    device: str | None,
    speak: str,
    reads: str | None,
    reads_otherwise: str | None,
) -> "Wishes":
    """Put together what is wanted; ends the command where it does not fit together."""
    from parley.desktop.capture import Ear
    from parley.desktop.commands import SPOKEN
    from parley.desktop.link import read_link
    from parley.desktop.session import Wishes, private_room

    try:
        link = read_link(where or LOCAL)
    except ValueError as error:
        end(2, str(error))
    if microphone and system:
        end(2, "--microphone and --system: one of them; run it twice for both")
    ear = Ear("system" if system else "microphone", device) if microphone or system else None
    if ear is None and link.room is None:
        end(2, "which captions? Give a room's link, as http://127.0.0.1:8080/r/demo, or --microphone, or --system")
    if ear is None and device is not None:
        end(2, "--device is for --microphone and --system")
    language = reads or reads_otherwise or this_computers_language(os.environ)
    room = link.room or private_room()
    token = _token(link.url, room, link.token, listens_only=ear is None)
    return Wishes(
        url=link.url,
        room=room,
        token=token,
        renews=not isinstance(token, str),
        reads=None if language == SPOKEN else language,
        speaks=speak,
        ear=ear,
    )


def _token(url: str, room: str, invitation: str | None, *, listens_only: bool) -> "TokenSource":
    from parley.client.rest import Rest

    given = invitation or os.environ.get(TOKEN_VARIABLE)
    if given:
        return given
    api_key = os.environ.get(API_KEY_VARIABLE)
    if not api_key:
        return None
    rest = Rest(url, api_key)
    role = "listener" if listens_only else "speaker"

    async def fetch() -> str:
        return await rest.create_token(room, role=role, name="Desktop")

    return fetch


def this_computers_language(environment: Mapping[str, str]) -> str:
    """Give the language of the desktop, as its environment says; English if it says nothing."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        tag = environment.get(variable, "").partition(".")[0].partition("@")[0].replace("_", "-")
        if tag and tag not in ("C", "POSIX"):
            return tag
    return "en"


def ready_for(*, window: bool = False, sound: bool = False, keyboard: bool = False) -> None:
    """End the command with what to do, where something that is needed is missing."""
    import sys

    from parley.desktop.ready import NotReadyError, check_installed, prepare_qt

    typing = "Xlib" if sys.platform == "linux" else "pynput"
    modules = {"PySide6": window, "soundcard": sound, typing: keyboard or (window and sys.platform == "linux")}
    try:
        check_installed([module for module, is_needed in modules.items() if is_needed])
        if window:
            prepare_qt()
    except NotReadyError as error:
        end(1, str(error))


def listed_and_done() -> None:
    """Show the devices, and end the command."""
    from parley.desktop.capture import CaptureError, list_devices

    ready_for(sound=True)
    try:
        devices = asyncio.run(list_devices())
    except CaptureError as error:
        end(1, str(error))
    for source in ("microphone", "system"):
        names = [each["name"] for each in devices if each["source"] == source]
        typer.echo(f"--{source}")
        for name in names or ["(none)"]:
            typer.echo(f"  {name}")
    raise typer.Exit
