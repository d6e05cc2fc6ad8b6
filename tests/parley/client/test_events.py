"""What the server tells: known messages are read, unknown ones are kept."""

import json
import re

import pytest

from parley.client.events import TYPES, Caption, Joined, Unknown, parse
from tests.support.source_tree import ROOT

EXAMPLES = [
    json.loads(block)
    for block in re.findall(r"```json\n(.*?)\n```", (ROOT / "signaling/PROTOCOL.md").read_text(), re.DOTALL)
]


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_the_examples_of_the_protocol_are_read(kind: str) -> None:
    """Whatever stands as an example of a message in PROTOCOL.md fits the client's own structs."""
    examples = [example for example in EXAMPLES if example.get("type") == kind]
    assert examples
    # Requests have types of their own, but for `token`.
    told = [example for example in examples if kind != "token" or "ends_at" in example]
    read = [parse(json.dumps(example)) for example in told if "to" not in example]
    assert not [each for each in read if isinstance(each, Unknown)]


def test_a_message_of_another_type_is_kept_as_it_is() -> None:
    """A newer server may say more than this client knows."""
    assert parse('{"type": "weather", "sunny": true}') == Unknown(
        type="weather", fields={"type": "weather", "sunny": True}
    )


def test_a_known_message_of_another_form_is_kept_as_it_is() -> None:
    """A field that has become something else is not guessed at."""
    event = parse('{"type": "joined", "participant_id": 7}')
    assert isinstance(event, Unknown)
    assert event.fields["participant_id"] == 7


def test_fields_that_are_not_known_are_passed_over() -> None:
    """A newer server may say more of the same."""
    event = parse('{"type": "joined", "participant_id": "p-1", "participants": [], "shoe_size": 42}')
    assert isinstance(event, Joined)


def test_what_is_no_message_is_an_error() -> None:
    """Neither broken JSON nor a list is a message."""
    for text in ("{", "[1]", ""):
        with pytest.raises(ValueError, match=r"."):
            parse(text)


def test_captions_have_what_readers_need() -> None:
    """An older server's caption, without our additions, is read too."""
    said = {"speaker_id": "a", "language": "es", "text": "Hola", "is_final": True, "timestamp_ms": 1}
    event = parse(json.dumps({"type": "caption", "event": "caption", **said}))
    assert isinstance(event, Caption)
    assert (event.text, event.source_text) == ("Hola", "")
