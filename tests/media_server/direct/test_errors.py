"""What can be wrong with a client's sound."""

from media_server.direct.errors import BadSoundError, SoundError, TooFarAheadError


def test_one_name_holds_all() -> None:
    """Whoever wants to know only that sound cannot be used catches one class."""
    assert issubclass(BadSoundError, SoundError)
    assert issubclass(TooFarAheadError, SoundError)
