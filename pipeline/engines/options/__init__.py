"""What can be set about each engine: one frozen dataclass a file, named after the engine."""
