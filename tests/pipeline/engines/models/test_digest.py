"""Checksums of files."""

import hashlib
from pathlib import Path

from pipeline.engines.models.digest import BLOCK_BYTES, sha256_of


def test_a_files_checksum_is_that_of_its_bytes(tmp_path: Path) -> None:
    """Longer than a block, shorter, and empty."""
    for content in (b"x" * (BLOCK_BYTES + 5), b"abc", b""):
        (tmp_path / "file").write_bytes(content)
        assert sha256_of(tmp_path / "file") == hashlib.sha256(content).hexdigest()
