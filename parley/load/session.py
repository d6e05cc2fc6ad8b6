"""One run from beginning to end: what is said, who says it, what the server says of itself, and the report."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp

from parley.client.rest import Rest
from parley.load.load import Load, Tokens
from parley.load.plan import LoadPlan, seats, turns
from parley.load.progress import LoadProgress
from parley.load.report import LoadReport, report
from parley.load.server_metrics import between, scrape
from parley.load.speech import Speech, made_speech, read_speech


async def load(
    plan: LoadPlan,
    *,
    speech: Path | None = None,
    api_key: str = "",
    metrics: Sequence[str] = (),
    progress: LoadProgress | None = None,
    stop: asyncio.Event | None = None,
) -> LoadReport:
    """Put a server under load.

    Args:
        plan: how much.
        speech: a folder of recordings; None: sound is made here.
        api_key: of the server's REST interface, for tokens; empty: development tokens.
        metrics: servers that are asked for their histograms beside the plan's own, workers say.
        progress: is told how far it is.
        stop: set by whoever wants it to end before its time; the report is of what was until then.

    Raises:
        ValueError: there is no speech where it should be, or it cannot be read.
        OSError: likewise.
    """
    people = seats(plan)
    languages = dict.fromkeys(seat.speaking for seat in people if seat.talks)
    speeches = {language: await _speeches(speech, language) for language in languages}
    program = turns(plan, people, speeches)
    if plan.kind != "audio":
        # What takes long is done before anybody has to be on time.
        await asyncio.to_thread(_prepare, speeches)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        servers = (plan.url, *metrics)
        before = await scrape(http, servers)
        run = Load(plan, people, program, http=http, tokens=_tokens(plan, api_key, http), progress=progress, stop=stop)
        await run.run()
        stages = between(before, await scrape(http, servers))
    if progress is not None:
        progress.end()
    return report(plan, run.diary, wanted=len(people), seconds=run.seconds, stopped=run.stopped, stages=stages)


async def _speeches(folder: Path | None, language: str) -> list[Speech]:
    if folder is None:
        return await made_speech(language)
    return await asyncio.to_thread(read_speech, folder, language)


def _tokens(plan: LoadPlan, api_key: str, http: aiohttp.ClientSession) -> Tokens | None:
    return Rest(plan.url, api_key, http=http).create_token if api_key else None


def _prepare(speeches: Mapping[str, Sequence[Speech]]) -> None:
    """Encode what is said, and load aiortc."""
    import parley.client.webrtc_call  # noqa: F401

    for choice in speeches.values():
        for speech in choice:
            speech.encoded  # noqa: B018 - worked out once, and kept
