"""A full memory."""

from pipeline.engines.out_of_memory import is_out_of_memory

FULL = RuntimeError("CUDA failed with error out of memory")
"""As CTranslate2 says it."""


def test_a_full_memory_is_known_by_its_words() -> None:
    """There is no class for it."""
    assert is_out_of_memory(FULL)
    assert not is_out_of_memory(RuntimeError("invalid argument"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_only_a_full_memory_is_taken_for_one() -> None:
    """As CTranslate2 and Python say it."""
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("CUDA driver version is insufficient"))
