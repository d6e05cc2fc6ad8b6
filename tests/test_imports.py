"""Imports go one way: parley -> signaling -> media_server -> pipeline.{messages,bus}."""

from pathlib import Path

import pytest

from tests.support.source_tree import PACKAGES, Source, is_in, sources

# What each package may import of the project's own, itself apart.
MAY_IMPORT = {
    "parley": ("signaling", "media_server", "pipeline"),
    "signaling": ("media_server", "pipeline.messages", "pipeline.bus"),
    "media_server": ("pipeline.messages", "pipeline.bus"),
    "pipeline": (),
}

# Libraries that only some parts may know, and which.
KNOWN_ONLY_BY = {
    # The client is one of stock aiortc's users, and touches only what that offers to everybody.
    "aiortc": ("media_server.rtc", "parley.client.webrtc_call", "parley.client.microphone"),
    "aioice": ("media_server.rtc",),
    "pylibsrtp": ("media_server.rtc",),
    "av": ("media_server", "pipeline.engines", "parley.client"),
    "aiohttp": ("signaling", "parley", "pipeline.engines"),
    "aiokafka": ("pipeline.bus",),
    "redis": ("signaling.nodes",),
    "faster_whisper": ("pipeline.engines",),
    "pocketsphinx": ("pipeline.engines",),
    "deepl": ("pipeline.engines",),
    "pysubs2": ("signaling.transcripts",),
    "PySide6": ("parley.desktop",),
    "soundcard": ("parley.desktop.recorder",),
    "Xlib": ("parley.desktop.x11_keyboard", "parley.desktop.ready"),
    "pynput": ("parley.desktop.keyboard",),
    "typer": ("parley",),
    "pydantic": ("parley",),
    "pydantic_settings": ("parley",),
}


def strays(package: str) -> list[str]:
    """Name each import of `package` from a project package that it may not know."""
    allowed = (package, *MAY_IMPORT[package])
    rule = f"{package} may import {', '.join(MAY_IMPORT[package]) or 'none of the others'}"
    return [
        f"{source.path}:{line} imports {name}; {rule}"
        for source in sources(package)
        for line, name in source.imports
        if is_in(name, (*PACKAGES, "tests")) and not is_in(name, allowed)
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_those_below_it(package: str) -> None:
    """No import goes up or sideways."""
    found = strays(package)
    assert not found, "\n".join(found)


def test_the_client_knows_nothing_of_the_server() -> None:
    """A bot's program loads neither door nor media server nor pipeline."""
    found = [
        f"{source.path}:{line} imports {name}"
        for source in sources("parley/client")
        for line, name in source.imports
        if is_in(name, (*PACKAGES, "tests")) and not is_in(name, ("parley.client",))
    ]
    assert not found, "\n".join(found)


def test_the_desktop_client_is_one_of_the_clients_users() -> None:
    """It runs on people's own computers: beside the command line, it knows the client and nothing of the server."""
    found = [
        f"{source.path}:{line} imports {name}"
        for source in sources("parley/desktop")
        for line, name in source.imports
        if is_in(name, (*PACKAGES, "tests"))
        and not is_in(name, ("parley.client", "parley.desktop", "parley.options", "parley.load_cli"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("library", KNOWN_ONLY_BY)
def test_a_library_is_known_only_where_it_belongs(library: str) -> None:
    """WebRTC, sound, HTTP, Kafka and models each stay behind their own seam."""
    known_by = KNOWN_ONLY_BY[library]
    found = [
        f"{source.path}:{line} imports {name}; only {', '.join(known_by)} may know {library}"
        for source in sources(*PACKAGES)
        for line, name in source.imports
        if is_in(name, (library,)) and not is_in(source.module, known_by)
    ]
    assert not found, "\n".join(found)


def test_imports_are_found_wherever_they_stand() -> None:
    """Relative imports and imports inside functions are seen, with their full names."""
    text = "from ..room import Room\ndef f():\n    import signaling.door\n    from . import peer\n"
    source = Source(Path("media_server/rtc/example.py"), text)
    assert [name for _, name in source.imports] == ["media_server.room.Room", "signaling.door", "media_server.rtc.peer"]
