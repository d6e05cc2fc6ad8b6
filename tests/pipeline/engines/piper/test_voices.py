"""Voices in a folder, and whose is which."""

import json
from collections import Counter
from pathlib import Path

from pipeline.engines.piper.voices import Voice, by_language, voice_of, voices_in
from tests.support.piper_voice import write_voice


def voice(name: str, tag: str = "es-ES", speakers: int = 1) -> Voice:
    return Voice(Path(f"/voices/{name}.onnx"), tag, 22_050, speakers, 1.0)


def test_a_voice_is_what_its_file_says(tmp_path: Path) -> None:
    """Language, rate, speakers and pace."""
    path = write_voice(tmp_path, "es_MX-claude-high", code="es_MX", speakers=3, sample_rate=16_000)
    assert voices_in(tmp_path) == (Voice(path, "es-MX", 16_000, 3, 1.0),)
    assert voices_in(tmp_path)[0].name == "es_MX-claude-high"


def test_each_may_have_a_folder(tmp_path: Path) -> None:
    """As `parley models pull` writes them; and one can be named."""
    for name in ("es_ES-a-medium", "es_ES-b-medium"):
        write_voice(tmp_path / name, name)
    assert [found.name for found in voices_in(tmp_path)] == ["es_ES-a-medium", "es_ES-b-medium"]
    assert [found.name for found in voices_in(tmp_path, ["es_ES-b-medium"])] == ["es_ES-b-medium"]


def test_what_is_no_voice_is_passed_over(tmp_path: Path) -> None:
    """A description without a model, or that cannot be read, or of a language that nobody registered."""
    described = json.loads(Path(f"{write_voice(tmp_path, 'es_ES-a-low')}.json").read_text(encoding="utf-8"))
    for name, content in {
        "no-model": described,
        "number": 5,
        "empty": {},
        "klingon": {**described, "language": {"code": "xx_XX_XX"}, "espeak": {"voice": "?"}},
    }.items():
        (tmp_path / f"{name}.onnx.json").write_text(json.dumps(content), encoding="utf-8")
        if name != "no-model":
            (tmp_path / f"{name}.onnx").touch()
    (tmp_path / "cut.onnx.json").write_text("{", encoding="utf-8")
    (tmp_path / "cut.onnx").touch()
    assert [found.name for found in voices_in(tmp_path)] == ["es_ES-a-low"]
    assert voices_in(tmp_path / "nowhere") == ()


def test_voices_are_found_by_region_and_by_language() -> None:
    """All of a language under its own name."""
    spain, mexico, english = voice("a"), voice("b", "es-MX"), voice("c", "en-GB")
    assert by_language([spain, mexico, english]) == {
        "en": (english,),
        "en-GB": (english,),
        "es": (spain, mexico),
        "es-ES": (spain,),
        "es-MX": (mexico,),
    }


def test_everybody_keeps_their_voice() -> None:
    """Also when another comes to the folder: only those who draw that one change."""
    before = [voice("a", speakers=5), voice("b")]
    after = [*before, voice("c")]
    for number in range(200):
        old, new = voice_of(f"user{number}", before), voice_of(f"user{number}", after)
        assert old == voice_of(f"user{number}", before)
        assert new in (old, (after[-1], 0))


def test_people_are_spread_over_all_speakers() -> None:
    """Each of ten speakers is somebody's."""
    voices = [voice("a", speakers=9), voice("b")]
    drawn = Counter(voice_of(f"user{number}", voices) for number in range(1_000))
    assert len(drawn) == 10
    assert max(drawn.values()) < 160
