"""What a call leaves in the log: a line an utterance with the times of its stages, and nothing of what was said."""

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from parley import logs
from parley.settings import LogSettings
from tests.journeys.overheard import Overheard, overhearing
from tests.journeys.whole_system import whole_system
from tests.support.caller import call
from tests.support.recordings import Recording

pytestmark = pytest.mark.journey

NAMES = ("Zenobia Quillfeather", "Balthasar Overbrook")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Let everything that is logged, by libraries as well and down to the least of it, be written here."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    levels = {name: logging.getLogger(name).level for name in logs._TALKATIVE}
    logs.configure(LogSettings(level="debug", format="json"), stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)
    structlog.configure(**configuration)


def text_of(overheard: Overheard) -> set[str]:
    """Give all words that were recognised or translated, final or not; not the shortest, which any line may have."""
    texts = [getattr(message, "payload", "") for message in overheard.messages.messages]
    return set(re.findall(r"\w{4,}", " ".join(text for text in texts if isinstance(text, str)).lower()))


async def test_an_utterance_leaves_one_line_without_words_or_names(
    log: io.StringIO, recordings: tuple[Recording, ...]
) -> None:
    """Two utterances are two lines at level info; no line at any level has a word of them, or anybody's name."""
    async with (
        whole_system() as system,
        overhearing(system) as overheard,
        call(system.url, "archive", name=NAMES[0], speaks="en", hears="en") as ann,
        call(system.url, "archive", name=NAMES[1], speaks="es", hears="es"),
    ):
        for recording in (recordings[1], recordings[4]):
            ann.microphone.say(recording.samples)
            await asyncio.sleep(recording.duration_s + 1)
        await overheard.settled()

    lines: list[dict[str, Any]] = [json.loads(line) for line in log.getvalue().splitlines()]
    utterances = [line for line in lines if line["event"] == "utterance"]
    assert [line["utterance_id"] for line in utterances] == overheard.utterances()
    assert {line["level"] for line in utterances} == {"info"}
    for line in utterances:
        voice = line["voices"]["es"]
        times = [line["ended_ms"], voice["translated_ms"], voice["synthesised_ms"], voice["first_packet_ms"]]
        assert all(isinstance(time, int) for time in [*times, line["recognised_ms"], line["duration_ms"]]), line
        assert times[1:] == sorted(times[1:])
        assert voice["lost"] == {}
    logged = set(re.findall(r"\w+", re.sub(r"[_\\]", " ", log.getvalue().lower())))
    forbidden = text_of(overheard) | {part for name in NAMES for part in name.lower().split()}
    assert len(forbidden) > 12
    assert logged & forbidden == set()
