import base64
from typing import Any

import pytest

from pipeline.engines.engine import EngineBusyError, EngineError, EngineRefusedError, UnsupportedLanguageError
from pipeline.engines.live.dialect import Message
from pipeline.engines.options.sarvam import SarvamOptions
from pipeline.engines.sarvam.listening import Listening

SECOND = b"\x00\x10" * 16_000


def listening() -> Listening:
    return Listening("auto", SarvamOptions())


def final(text: str, **more: Any) -> dict[str, Any]:
    return {"event": "transcript.final", "text": text, **more}


def events(messages: tuple[Message, ...] | list[Message]) -> list[Any]:
    return [message["event"] for message in messages if not isinstance(message, bytes)]


def test_speech_begins_and_ends_by_our_word() -> None:
    """Between two flushes is one stretch; a flush without sound asks nothing."""
    ears = listening()
    assert ears.flush() == ()
    assert events(list(ears.sound(SECOND))) == ["speech_start", *["audio_input"] * 4]
    assert events(list(ears.sound(SECOND))) == ["audio_input"] * 4
    assert events(list(ears.flush())) == ["speech_end"]
    assert ears.flush() == ()
    assert events(list(ears.sound(SECOND)))[0] == "speech_start"
    assert events(list(ears.end())) == ["speech_end", "end"]
    assert events(list(ears.keep_alive())) == ["ping"]


def test_sound_is_sent_in_base64() -> None:
    """All of it."""
    sent = [message["audio"] for message in listening().sound(SECOND)[1:] if not isinstance(message, bytes)]
    assert b"".join(map(base64.b64decode, sent)) == SECOND


def test_each_stretch_has_its_own_time() -> None:
    """Its words are spread over it, and settled; what follows is interim until its own end."""
    ears = listening()
    ears.sound(SECOND)
    ears.flush()
    ears.sound(SECOND * 2)
    ears.take(final("a b"))
    ears.take({"event": "transcript.partial", "text": "c"})
    heard = ears.hypothesis
    assert [(word.text, word.start_ms, word.end_ms) for word in heard.words] == [
        ("a", 0, 500),
        ("b", 500, 1_000),
        ("c", 1_000, 3_000),
    ]
    assert heard.stable == 2


def test_a_flush_is_answered_by_a_final_transcript() -> None:
    """Each by one, in their order."""
    ears = listening()
    for _ in range(2):
        ears.sound(SECOND)
        ears.flush()
    ears.take(final("a"))
    flushed = [ears.flushed]
    ears.take(final("b"))
    assert [*flushed, ears.flushed] == [False, True]
    assert [word.end_ms for word in ears.hypothesis.words] == [1_000, 2_000]


def test_a_stretch_without_words_may_go_unanswered() -> None:
    """The next answer says by its number which stretch it is about."""
    ears = listening()
    for _ in range(3):
        ears.sound(SECOND)
        ears.flush()
    ears.take(final("b", utterance_idx=1))
    assert [(word.start_ms, word.end_ms) for word in ears.hypothesis.words] == [(1_000, 2_000)]
    ears.take(final("c", utterance_idx=2))
    assert ears.flushed


def test_the_language_found_is_told() -> None:
    """With its probability; one that nobody knows is not."""
    ears = listening()
    ears.take(final("a", language="ta-IN", language_confidence=0.7))
    assert (ears.hypothesis.language, ears.hypothesis.language_probability) == ("ta", 0.7)
    ears.take(final("b", language="xx-XX"))
    assert ears.hypothesis.language == "ta"
    fixed = Listening("en", SarvamOptions())
    fixed.take(final("a", language="ta-IN"))
    assert fixed.hypothesis.language == "en"


@pytest.mark.parametrize(("status", "kind"), [(401, EngineRefusedError), (429, EngineBusyError), (None, EngineError)])
def test_a_fatal_error_is_raised(status: int | None, kind: type[EngineError]) -> None:
    """By its status, if it has one."""
    with pytest.raises(kind):
        listening().take({"event": "error", "code": "x", "is_fatal": True, "status_code": status})


def test_it_has_ended_when_the_session_has() -> None:
    """Not before."""
    ears = listening()
    assert not ears.ended
    ears.take({"event": "session.end"})
    assert ears.ended


def test_languages_are_asked_for_by_sarvams_codes() -> None:
    """Those of India."""
    assert ("language_code", "ta-IN") in Listening("ta", SarvamOptions()).query
    assert ("language_code", "auto") in listening().query
    with pytest.raises(UnsupportedLanguageError):
        Listening("fr", SarvamOptions())
