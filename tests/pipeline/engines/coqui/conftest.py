"""Models for Coqui, made once; where coqui-tts is not installed, their tests are skipped (`make test-coqui`)."""

from pathlib import Path

import pytest

from tests.support.coqui_model import write_vits, write_xtts


@pytest.fixture(scope="session")
def xtts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("TTS", reason="coqui-tts is not installed; `make test-coqui` has it")
    return write_xtts(tmp_path_factory.mktemp("xtts"))


@pytest.fixture(scope="session")
def vits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("TTS", reason="coqui-tts is not installed; `make test-coqui` has it")
    return write_vits(tmp_path_factory.mktemp("vits"))
