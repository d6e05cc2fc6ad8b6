"""Two people in a room of their own, one talks and one listens, in a process of their own. Told the node's URL."""

import asyncio
import itertools
import os
import time

from tests.journeys.company import company
from tests.support.caller import as_sent
from tests.support.child import answer
from tests.support.recordings import recordings

ROOM = "bystanders"
TALK_S = 3600

# What is spoken; where this process itself is kept waiting it is less, and no fault of the node's. So what counts is
# how many of the packets that were sent have come by the end, those of the last moment left out.
PACKETS_PER_S = 50
UNDERWAY_S = 0.25


async def main(url: str) -> None:
    """Talk and listen until standard input closes."""
    sounds = as_sent(recordings()[0].samples)
    began = time.monotonic()

    def begin() -> None:
        nonlocal began
        began = time.monotonic()

    async with company(url, ROOM, Ann="en", Ben="en") as (ann, ben):

        def figures() -> dict[str, float]:
            ended = time.monotonic()
            heard = [packet for packet in ben.on("floor") if began <= packet.at <= ended]
            gaps = [after - before for before, after in itertools.pairwise((began, *(it.at for it in heard), ended))]
            came = {packet.payload for packet in heard}
            sent = [
                payload
                for payload, times in ann.microphone.sent_at.items()
                for at in times
                if began <= at <= ended - UNDERWAY_S
            ]
            share = sum(payload in came for payload in sent) / len(sent)
            return {"packets_per_s": share * PACKETS_PER_S, "longest_gap_ms": max(gaps) * 1000}

        ann.microphone.play(sounds * (TALK_S * PACKETS_PER_S // len(sounds)))
        await asyncio.sleep(0.5)
        await answer({}, {"begin": begin, "figures": figures})


if __name__ == "__main__":
    asyncio.run(main(os.read(0, 1000).decode().strip()))
