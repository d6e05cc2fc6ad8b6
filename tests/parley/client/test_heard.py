"""A piece of sound."""

from parley.client.heard import Heard


def test_it_knows_how_long_it_plays() -> None:
    """Two bytes are one sample."""
    heard = Heard("p-1", "voice", "es", bytes(1_920), 48_000, at=0.0)
    assert heard.duration_s == 0.02
