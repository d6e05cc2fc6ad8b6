"""Which records wait for each other."""

from msgspec.structs import replace

from pipeline.bus.bus import Record
from pipeline.lane_key import lane_key, lane_key_of
from pipeline.messages import Message
from pipeline.messages.unreadable import Unreadable
from tests.pipeline.support import chunk


def record(message: Message, partition: int = 0) -> Record:
    return Record("audio.raw", message.key, message, {}, partition, 0)


def test_what_is_live_waits_by_its_key() -> None:
    """A speaker's records keep their order, whatever utterance they are of."""
    assert lane_key_of(record(chunk())) == lane_key(chunk(utterance="u2")) == "room/ann"


def test_a_replayed_utterance_waits_for_nobody() -> None:
    """Neither for what its speaker says now nor for another replay."""
    replays = [replace(chunk(utterance=name), purpose="replay") for name in ("u1", "u2")]
    assert len({"room/ann", *map(lane_key, replays)}) == 3


def test_what_cannot_be_read_waits_for_nobody_who_can() -> None:
    """Even if its key is somebody's."""
    bad = Unreadable(record_key="room/ann", value=b"", why="")
    assert lane_key_of(record(bad, 3)) not in ("room/ann", lane_key_of(record(bad, 4)))
