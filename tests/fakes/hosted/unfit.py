"""An engine that says that it cannot work here."""

from pipeline.engines.engine import EngineUnavailableError


class Engine:
    def __init__(self) -> None:
        raise EngineUnavailableError("the model is not there", "fetch it")
