import pytest

from pipeline.engines.codes import tag_of
from pipeline.engines.openai_transcription.language_names import NAMES, code_of


@pytest.mark.parametrize(
    ("called", "code"), [("english", "en"), ("English", "en"), (" en ", "en"), ("zh", "zh"), ("klingon", "klingon")]
)
def test_names_become_codes(called: str, code: str) -> None:
    """What is no name stays."""
    assert code_of(called) == code


def test_every_name_is_a_language_of_whispers() -> None:
    """So that it has a tag."""
    assert all(tag_of("whisper", code) for code in NAMES.values())
