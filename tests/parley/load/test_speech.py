"""What is said: recordings with their texts, or sound of our own."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from parley.load.speech import LONGEST_S, Speech, made_speech, read_speech
from tests.parley.load.people import speech
from tests.support.recordings import Recording, silence, write_wav


def test_recordings_come_with_their_texts(tmp_path: Path, recording: Recording) -> None:
    """`a.txt` says what is in `a.wav`; without one nobody knows."""
    write_wav(tmp_path / "b.wav", recording.samples)
    write_wav(tmp_path / "a.wav", recording.samples)
    (tmp_path / "a.txt").write_text("he might even\n")
    first, second = read_speech(tmp_path, "en")
    assert (first.name, first.text, second.name, second.text) == ("a", "he might even", "b", None)
    assert first.duration_s == pytest.approx(recording.duration_s)


def test_a_language_may_have_a_folder_of_its_own(tmp_path: Path) -> None:
    """What lies beside it is for all others."""
    (tmp_path / "es").mkdir()
    write_wav(tmp_path / "all.wav", silence(1.0))
    write_wav(tmp_path / "es" / "hola.wav", silence(1.0))
    assert [each.name for each in read_speech(tmp_path, "es")] == ["hola"]
    assert [each.name for each in read_speech(tmp_path, "en")] == ["all"]


def test_what_is_too_long_is_cut_and_has_no_text(tmp_path: Path) -> None:
    """Its words could not be compared any more."""
    write_wav(tmp_path / "a.wav", silence(LONGEST_S + 1))
    (tmp_path / "a.txt").write_text("much")
    (only,) = read_speech(tmp_path, "en")
    assert (only.duration_s, only.text) == (LONGEST_S, None)


def test_a_folder_without_recordings_is_said_so(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(ValueError, match="no WAV files"):
        read_speech(tmp_path, "en")


def test_it_knows_where_the_words_are(recording: Recording) -> None:
    """Latencies count from the end of the words, not of the recording."""
    said = Speech("a", recording.samples.tobytes())
    assert said.ends_s == recording.words_end_s
    assert speech(3.0).begins_s == pytest.approx(1.0)
    assert speech(3.0).ends_s == pytest.approx(2.0)
    assert Speech("silence", bytes(3_200)).ends_s == pytest.approx(0.1)


def test_it_is_encoded_once() -> None:
    """For all who say it."""
    said = speech(1.0)
    assert said.encoded is said.encoded
    assert len(said.encoded.packets) == 50


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not here")
async def test_sound_of_our_own_has_a_text() -> None:
    """espeak-ng says a sentence in the language."""
    (said,) = await made_speech("es")
    assert said.text is not None
    assert said.text.startswith("Buenos")
    assert 1.0 < said.duration_s < 6.0


async def test_without_espeak_it_is_babble(monkeypatch: pytest.MonkeyPatch) -> None:
    """That nobody knows the words of."""
    monkeypatch.setenv("PATH", "/nowhere")
    (said,) = await made_speech("en")
    assert (said.name, said.text) == ("babble", None)
    assert np.frombuffer(said.pcm, np.int16).max() > 5_000
