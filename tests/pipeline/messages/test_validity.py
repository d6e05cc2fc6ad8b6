"""What fits its schema and still cannot be."""

import msgspec
import pytest

from pipeline.messages import Message, Said, Target
from pipeline.messages.validity import fault_of
from tests.pipeline.messages.test_codec import ONE_OF_EACH, SPEECH
from tests.pipeline.support import chunk, transcript, translation


@pytest.mark.parametrize("message", ONE_OF_EACH, ids=lambda message: message.SCHEMA)
def test_there_is_nothing_wrong_with_what_we_send(message: Message) -> None:
    """Every kind passes."""
    assert fault_of(message) is None


@pytest.mark.parametrize("language", ["auto", "zh-Hant", "pt-BR"])
def test_any_language_that_people_speak_will_do(language: str) -> None:
    """And one that is still to be found out."""
    assert fault_of(chunk(language=language)) is None


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (msgspec.structs.replace(chunk(), sequence_number=-1), "sequence_number is negative"),
        (msgspec.structs.replace(chunk(), start_ms=-20), "start_ms is negative"),
        (transcript(clause=-1), "clause is negative"),
        (msgspec.structs.replace(SPEECH, index=-1), "index is negative"),
        (chunk(user=""), "it is nobody's"),
        (chunk(language="gibberish"), "its language is none"),
        (chunk(targets=[Target("")]), "its language is none"),
        (translation(language="xx"), "its language is none"),
        (msgspec.structs.replace(translation(), source_language="-"), "its language is none"),
        (msgspec.structs.replace(SPEECH, language="12"), "its language is none"),
    ],
)
def test_what_cannot_be_is_named(message: Said, fault: str) -> None:
    """Without anything of what was in it."""
    assert fault_of(message) == fault
