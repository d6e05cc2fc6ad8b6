"""Systems with a libopus, and without."""

import pytest

from media_server import libopus
from media_server.analysis.libopus import LibopusCodec
from media_server.direct.encoder import FfmpegEncoder, LibopusEncoder, new_encoder


def test_it_is_loaded_once() -> None:
    """Decoders and encoders share it."""
    assert libopus.required() is libopus.library()


def test_a_system_without_libopus_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is loaded by other names, making what needs it is refused, and FFmpeg's stands in."""
    monkeypatch.setattr(libopus, "NAMES", ("libnothing.so.7",))
    libopus.library.cache_clear()
    try:
        assert libopus.library() is None
        for make in (LibopusCodec, LibopusEncoder):
            with pytest.raises(RuntimeError, match="no libopus"):
                make()
        assert isinstance(new_encoder(), FfmpegEncoder)
    finally:
        libopus.library.cache_clear()
