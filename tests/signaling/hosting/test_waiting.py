"""Somebody in a lobby."""

import json

import msgspec

from signaling.hosting.waiting import Waiting


def test_hosts_are_told_who_they_are() -> None:
    """Both languages go with the name; nothing else is told."""
    waiting = Waiting(participant_id="p-1", name="Zoë", speaking_language="auto", listening_language="fr", since_ms=1)
    assert json.loads(msgspec.json.encode(waiting)) == {
        "participant_id": "p-1",
        "name": "Zoë",
        "speaking_language": "auto",
        "listening_language": "fr",
        "since_ms": 1,
    }
