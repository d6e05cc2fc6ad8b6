"""A stage that follows a script, for the worker around it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import msgspec

from pipeline.messages import Said, Transcript, Translation
from pipeline.stage import Condition, Stage
from tests.fakes.virtual_time import EPOCH_MS
from tests.pipeline.support import translation


class Echo(Stage[Transcript]):
    """Repeats what it takes as a Translation, after what the script says for that text: a wait, or an error."""

    name = "translation"
    takes = Transcript

    def __init__(self, script: dict[str, float | list[Exception]] | None = None) -> None:
        self.script = script or {}
        self.begun: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.give_up_after_ms: int | None = None
        self.open: dict[str, str] = {}
        self.forgotten: list[str] = []

    def condition(self) -> Condition:
        return Condition("echo", pairs=(("en", "es"),))

    async def work(self, message: Transcript) -> AsyncGenerator[Translation, None]:
        self.begun.append(message.payload)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            step = self.script.get(message.payload, 0.0)
            if isinstance(step, list):
                if step:
                    raise step.pop(0)
            elif step:
                await asyncio.sleep(step)
            yield echo(message)
        finally:
            self.at_once -= 1

    async def fail(self, message: Transcript, reason: str) -> Sequence[Said]:
        return [msgspec.structs.replace(echo(message), skipped=True, reason=reason, payload="")]

    def give_up_at_ms(self, message: Transcript) -> int | None:
        return None if self.give_up_after_ms is None else EPOCH_MS + self.give_up_after_ms

    def expendable(self, message: Transcript) -> bool:
        return not message.is_final

    def supersedes(self, newer: Transcript, older: Transcript) -> bool:
        return not older.is_final

    async def forget(self, key: str) -> None:
        self.forgotten.append(key)


def echo(message: Transcript) -> Translation:
    return translation(message.payload, final=message.is_final, user=message.user_id)
