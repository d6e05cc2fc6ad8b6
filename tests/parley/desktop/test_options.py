"""What both commands have in common."""

from typing import Any

import pytest
import typer

from parley.client.rest import Rest
from parley.desktop.capture import Ear
from parley.desktop.options import ready_for, this_computers_language, wishes_of
from parley.desktop.session import Wishes


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PARLEY_TOKEN", "PARLEY_API_KEY", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "es_MX.UTF-8")


def wished(where: str | None = None, **given: Any) -> Wishes:
    nothing = {"microphone": False, "system": False, "device": None, "speak": "auto", "reads": None}
    return wishes_of(where, **{**nothing, "reads_otherwise": None, **given})


def test_a_rooms_link_is_all_that_is_needed() -> None:
    """Its captions are read in this computer's language, with an invitation's token if there is one."""
    wishes = wished("https://p.example/r/demo?token=a.b.c")
    assert wishes == Wishes("https://p.example", "demo", token="a.b.c", renews=False, reads="es-MX")  # noqa: S106
    assert wished("https://p.example/r/demo", reads="spoken").reads is None


def test_this_computer_is_heard_in_a_room_of_its_own() -> None:
    """On the server of this machine, unless another one or a room is named."""
    wishes = wished(system=True, device="USB", speak="en", reads_otherwise="spoken")
    assert wishes.url == "http://127.0.0.1:8080"
    assert wishes.room.startswith("desktop-")
    assert (wishes.ear, wishes.speaks, wishes.reads, wishes.token) == (Ear("system", "USB"), "en", None, None)
    assert wished("https://p.example/r/demo", microphone=True).room == "demo"


async def test_tokens_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else on the machine can read them there. An API key gives a new one for each connection."""
    asked: list[tuple[str, dict[str, object]]] = []

    async def create(self: Rest, room: str, **fields: object) -> str:
        asked.append((room, fields))
        return "new"

    monkeypatch.setattr(Rest, "create_token", create)
    monkeypatch.setenv("PARLEY_API_KEY", "key")
    for wishes, role in (
        (wished("https://p.example/r/demo"), "listener"),
        (wished("https://p.example/r/demo", system=True), "speaker"),
    ):
        assert callable(wishes.token)
        assert wishes.renews
        assert await wishes.token() == "new"
        assert asked[-1][0] == "demo"
        assert asked[-1][1]["role"] == role
    monkeypatch.setenv("PARLEY_TOKEN", "mine")
    assert wished("https://p.example/r/demo").token == "mine"  # noqa: S105


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "which captions?"),
        ({"where": "demo"}, "is no link"),
        ({"microphone": True, "system": True}, "one of them"),
        ({"where": "https://p.example/r/demo", "device": "USB"}, "--device is for"),
    ],
)
def test_what_does_not_fit_together_ends_with_2(
    given: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do."""
    with pytest.raises(typer.Exit) as ended:
        wished(**given)
    assert ended.value.exit_code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "tag"),
    [
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
        ({"LANG": "de_AT@euro"}, "de-AT"),
        ({"LC_ALL": "pt_BR.UTF-8", "LANG": "de_DE"}, "pt-BR"),
        ({"LC_ALL": "POSIX", "LANG": "fr"}, "fr"),
    ],
)
def test_this_computer_has_a_language(environment: dict[str, str], tag: str) -> None:
    """As its environment says."""
    assert this_computers_language(environment) == tag


def test_without_the_extra_it_ends_with_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """And one sentence."""
    monkeypatch.setattr("parley.desktop.ready.check_installed.__defaults__", ({}.get,))
    with pytest.raises(typer.Exit) as ended:
        ready_for(sound=True)
    assert ended.value.exit_code == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "pip install 'parley[desktop]'" in line
