"""Levels: what is a pause within speech."""

from media_server.analysis.loudness import Loudness


def trained(noise: float = -60.0) -> Loudness:
    """Return somebody who talks at -20 dB over a background."""
    loudness = Loudness(below_talk_db=22, above_noise_db=5)
    for _ in range(50):
        loudness.hear(noise, speech=False)
    for _ in range(50):
        loudness.hear(-20, speech=True)
    return loudness


def test_a_pause_is_far_below_the_speakers_own_level() -> None:
    """22 dB below the usual level is a pause; the weak end of a word is not."""
    assert trained().hear(-38, speech=True)
    assert not trained().hear(-46, speech=True)


def test_a_pause_is_near_the_background() -> None:
    """Over noise, a pause is what is hardly louder than the noise."""
    assert trained(noise=-35).hear(-28, speech=True)
    assert not trained(noise=-35).hear(-32, speech=True)


def test_it_follows_who_lowers_their_voice() -> None:
    """Somebody who goes on 25 dB lower is heard again after a few seconds."""
    loudness = trained()
    frames = [loudness.hear(-45, speech=True) for _ in range(250)]
    assert not frames[0]
    assert frames[-1]


def test_it_learns_at_once_that_somebody_speaks_softly() -> None:
    """When a quiet frame was speech after all, the next ones like it are loud."""
    loudness = trained()
    assert not loudness.hear(-45, speech=True)
    loudness.soften(-45)
    assert loudness.hear(-48, speech=True)
    assert not loudness.hear(-53, speech=True)


def test_silence_is_never_loud() -> None:
    """What is not said to be speech does not count, however loud."""
    assert not trained().hear(-1, speech=False)


def test_digital_silence_is_a_background_like_another() -> None:
    """After digital silence, quiet speech counts from its first frame."""
    assert trained(noise=-1000).hear(-40, speech=True)
