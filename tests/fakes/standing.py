"""Scripted engines with a process that a test takes away: what stands in chains."""

from dataclasses import replace
from typing import Any

from tests.fakes.engines import ScriptedTranscriber, ScriptedTranslator, ScriptedVoicer


class Standing:
    """Whether its process is there."""

    healthy = True
    available = True

    def fall(self) -> None:
        """End the process for longer than anybody waits."""
        self.healthy = self.available = False

    def rise(self) -> None:
        self.healthy = self.available = True


class StandingTranscriber(Standing, ScriptedTranscriber):
    def __init__(self, name: str, *scripts: Any, **options: Any) -> None:
        super().__init__(*scripts, **options)
        self.info = replace(self.info, name=name)


class StandingTranslator(Standing, ScriptedTranslator):
    def __init__(self, name: str, *pairs: Any, **options: Any) -> None:
        super().__init__(*pairs, **options)
        self.info = replace(self.info, name=name)


class StandingVoicer(Standing, ScriptedVoicer):
    def __init__(self, name: str, *languages: str, **options: Any) -> None:
        super().__init__(*languages, **options)
        self.info = replace(self.info, name=name)
