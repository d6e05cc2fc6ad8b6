"""What one listener hears of one speaker over time."""

from media_server.events import Original
from media_server.hearing import MAX_UTTERANCES, Hearing
from media_server.paths import PathState
from media_server.routing import TRANSLATION_PAUSED

FLOOR, VOICE, BOTH = "floor", "voice", "floor and voice"


def decide(
    hearing: Hearing,
    *,
    listening: str = "es",
    speaking: str = "en",
    path: PathState = PathState.HEALTHY,
    original: Original = "off",
    now_ms: int = 1_000,
) -> Hearing:
    hearing.decide(listening=listening, speaking=speaking, path=path, original=original, now_ms=now_ms)
    return hearing


def heard(hearing: Hearing) -> str:
    return " and ".join(name for name in ("floor", "voice") if getattr(hearing.route, name))


def test_translated_speaker_is_muted_between_utterances() -> None:
    """With the original off, its floor is not sent before, in or after an utterance."""
    hearing = decide(Hearing())
    assert heard(hearing) == VOICE
    hearing.utterance_started("u1")
    assert heard(hearing) == VOICE
    hearing.utterance_ended("u1")
    assert heard(hearing) == VOICE
    assert hearing.voice_due("u1", 999)


def test_coming_into_an_utterance_one_hears_it_out() -> None:
    """Who joins in mid-utterance hears its floor to the end and no voice of it; the next one comes as a voice."""
    hearing = decide(Hearing("u1"))
    assert heard(hearing) == FLOOR
    assert not hearing.voice_due("u1", 999)
    hearing.utterance_ended("u1")
    assert heard(hearing) == VOICE
    hearing.utterance_started("u2")
    assert hearing.voice_due("u2", 5_000)


def test_switch_to_the_speakers_language_is_at_once() -> None:
    """The floor comes in the middle of the utterance, and no voice is due any more, not even of earlier ones."""
    hearing = decide(Hearing())
    hearing.utterance_started("u1")
    hearing.utterance_ended("u1")
    hearing.utterance_started("u2")
    decide(hearing, listening="en")
    assert heard(hearing) == FLOOR
    assert not hearing.voice_due("u1", 1)
    assert not hearing.voice_due("u2", 1)


def test_switch_away_is_from_the_next_utterance() -> None:
    """Who stops understanding the speaker hears the utterance out, and the next one as a voice."""
    hearing = decide(Hearing(), listening="en")
    hearing.utterance_started("u1")
    decide(hearing, listening="es")
    assert heard(hearing) == FLOOR
    hearing.utterance_ended("u1")
    hearing.utterance_started("u2")
    assert heard(hearing) == VOICE
    assert hearing.voice_due("u2", 5_000)
    assert not hearing.voice_due("u1", 5_000)


def test_switch_between_translations_goes_over_the_floor() -> None:
    """From one translation to another the rest of the utterance is heard as it is."""
    hearing = decide(Hearing())
    hearing.utterance_started("u1")
    decide(hearing, listening="fr")
    assert heard(hearing) == FLOOR
    assert not hearing.voice_due("u1", 1)


def test_broken_path_brings_the_floor_and_keeps_what_was_said_before() -> None:
    """The voice of what was said while the floor was muted still comes; of what was heard as floor it does not."""
    hearing = decide(Hearing())
    hearing.utterance_started("u1")
    decide(hearing, path=PathState.PAUSED, now_ms=2_000)
    assert heard(hearing) == FLOOR
    assert hearing.route.notice == TRANSLATION_PAUSED
    assert hearing.voice_due("u1", 1_900)
    assert not hearing.voice_due("u1", 2_100)


def test_mended_path_waits_for_the_next_utterance() -> None:
    """The floor is not cut off in mid-utterance when the path works again."""
    hearing = decide(Hearing())
    hearing.utterance_started("u1")
    decide(hearing, path=PathState.PAUSED, now_ms=2_000)
    decide(hearing, now_ms=3_000)
    assert heard(hearing) == FLOOR
    assert hearing.route.notice is None
    assert not hearing.voice_due("u1", 3_500)
    hearing.utterance_ended("u1")
    assert heard(hearing) == VOICE


def test_missing_voice_brings_the_floor_until_the_next_utterance() -> None:
    """A clause without a voice lets the rest of the utterance be heard as it is, with a notice."""
    hearing = decide(Hearing())
    hearing.utterance_started("u1")
    hearing.voice_missed(2_000)
    assert heard(hearing) == FLOOR
    assert hearing.route.notice == TRANSLATION_PAUSED
    hearing.utterance_ended("u1")
    assert hearing.route == (False, True, None)
    hearing.utterance_started("u2")
    assert heard(hearing) == VOICE
    assert hearing.voice_due("u2", 9_000)


def test_voice_missing_after_the_end_changes_nothing() -> None:
    """When nobody is talking there is no floor to come back."""
    hearing = decide(Hearing())
    hearing.utterance_started("u1")
    hearing.utterance_ended("u1")
    hearing.voice_missed(2_000)
    assert heard(hearing) == VOICE


def test_end_of_another_utterance_is_not_this_ones() -> None:
    """A late word of an earlier utterance's end does not end the open one."""
    hearing = decide(Hearing("u2"))
    hearing.utterance_ended("u1")
    assert heard(hearing) == FLOOR


def test_choice_of_the_original_is_at_once() -> None:
    """Turning the original on or off does not wait for anything, and the voice goes on."""
    hearing = decide(Hearing())
    hearing.utterance_started("u1")
    decide(hearing, original="on")
    assert heard(hearing) == BOTH
    assert hearing.voice_due("u1", 9_000)


def test_utterances_are_bounded() -> None:
    """Of too many utterances the oldest is forgotten."""
    hearing = decide(Hearing())
    for number in range(MAX_UTTERANCES + 1):
        hearing.utterance_started(f"u{number}")
        hearing.utterance_ended(f"u{number}")
    assert not hearing.voice_due("u0", 1)
    assert hearing.voice_due("u1", 1)


def test_what_a_speaker_is_in_the_middle_of_is_known() -> None:
    """From the start of an utterance, or from coming into it, to its end."""
    hearing = Hearing("u1")
    known = [hearing.open_utterance]
    hearing.utterance_ended("u1")
    known.append(hearing.open_utterance)
    hearing.utterance_started("u2")
    known.append(hearing.open_utterance)
    assert known == ["u1", None, "u2"]
