"""Which process this is."""

import socket

import pytest

from parley.instance import instance_id
from parley.settings import ProcessSettings


def test_it_is_what_it_is_where_and_which_of_them() -> None:
    """The same each time it is asked, on the host's own name unless another was set."""
    assert instance_id("stt", ProcessSettings(host_name="rack4", slot=2)) == "stt-rack4-2"
    assert instance_id("tts", ProcessSettings()) == instance_id("tts", ProcessSettings())


def test_a_hosts_name_becomes_one_that_kafka_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system calls itself."""
    monkeypatch.setattr(socket, "gethostname", lambda: "my host/ä")
    assert instance_id("stt", ProcessSettings()) == "stt-my-host---0"


@pytest.mark.parametrize("wrong", [{"host_name": "a/b"}, {"host_name": "a" * 101}, {"slot": -1}])
def test_a_name_that_cannot_be_one_is_refused(wrong: dict[str, object]) -> None:
    """A slash would make a worker look like a speaker's key."""
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is"):
        ProcessSettings(**wrong)  # type: ignore[arg-type]
