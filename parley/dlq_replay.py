"""Giving dead letters another chance."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from parley.dlq import Entry, Place, Progress, letters
from pipeline.bus.bus import Bus
from pipeline.messages import Transcript, Translation
from pipeline.replay import Published, Replay, replay_of

BEFORE_MS = 120_000
"""How long before its first failure an utterance may have had its first clause published."""


@dataclass
class Outcome:
    """What became of some letters."""

    # Ids of letters whose records were published again.
    replayed: list[str] = field(default_factory=list)
    # Of letters of which everything was there already.
    needless: list[str] = field(default_factory=list)
    # Why not, by id.
    refused: dict[str, str] = field(default_factory=dict)
    # Records published.
    records: int = 0

    @property
    def done(self) -> set[str]:
        """Letters that nobody needs any more."""
        return {*self.replayed, *self.needless}


async def replay(
    bus: Bus,
    chosen: Sequence[Entry],
    *,
    per_second: float = 0.0,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Publish what is missing of these letters on the topics that it came from, with the purpose `replay`.

    Letters at a time: one is in memory. `per_second`: letters, at most; 0: as fast as it goes.

    Raises:
        BusError: the bus does not answer. What was published until then is seen as such the next time.
    """
    outcome = Outcome()
    published = await published_of(bus, chosen)
    done = 0
    async for entry, what in _replays(bus, {entry.place: entry for entry in chosen}, published):
        if what.messages:
            for message in () if dry_run else what.messages:
                await bus.publish(message)
            outcome.replayed.append(entry.id)
            outcome.records += len(what.messages)
        elif what.refused:
            outcome.refused[entry.id] = what.why
        else:
            outcome.needless.append(entry.id)
        done += 1
        progress(done)
        if per_second and what.messages and not dry_run:
            await asyncio.sleep(1 / per_second)
    return outcome


async def published_of(bus: Bus, chosen: Sequence[Entry]) -> Published:
    """Read what text there is of the letters' utterances."""
    published = Published({entry.utterance_id for entry in chosen})
    if chosen:
        since_ms = min(entry.first_failed_at_ms for entry in chosen) - BEFORE_MS
        for topic in (Transcript.TOPIC, Translation.TOPIC):
            async for record in bus.history(topic, since_ms=since_ms):
                published.note(record.message)
    return published


async def _replays(
    bus: Bus, chosen: Mapping[Place, Entry], published: Published
) -> AsyncIterator[tuple[Entry, Replay]]:
    async for letter, place in letters(bus):
        entry = chosen.get(place)
        if entry is not None:
            yield entry, replay_of(letter, published)
