from pipeline.engines.sarvam.gate import LEAD_BYTES, Gate

SILENCE, SPEECH = bytes(3_200), b"\x00\x10" * 1_600


def test_silence_is_held_back_until_somebody_speaks() -> None:
    """Then half a second of it goes ahead of the speech."""
    gate = Gate()
    assert [gate.pass_on(SILENCE) for _ in range(20)] == [b""] * 20
    assert not gate.is_open
    assert gate.pass_on(SPEECH) == bytes(LEAD_BYTES) + SPEECH
    assert gate.is_open


def test_pauses_go_through() -> None:
    """Until it is shut; then it waits for speech again."""
    gate = Gate()
    assert gate.pass_on(SPEECH) == SPEECH
    assert gate.pass_on(SILENCE) == SILENCE
    gate.shut()
    assert gate.pass_on(SILENCE) == b""
    assert gate.pass_on(SPEECH) == SILENCE + SPEECH
