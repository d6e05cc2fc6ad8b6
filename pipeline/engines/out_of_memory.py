"""A full memory, as CTranslate2 and Python say it."""


def is_out_of_memory(error: Exception) -> bool:
    """Say whether the memory, a GPU's above all, was full; CTranslate2 has no error of its own for that."""
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "out of memory" in str(error).lower())
