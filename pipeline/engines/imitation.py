"""Whether an engine can speak in somebody's own voice."""


def imitates(engine: object) -> bool:
    """Whether a synthesizer, or whatever is made of some, can take a voice from a reference; most cannot."""
    return bool(getattr(engine, "imitates", False))
