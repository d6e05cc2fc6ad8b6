"""How many speakers one Whisper model hears at once, batched and one by one. The last line is one JSON object.

Each of 1 to 32 streams reads the LibriVox recordings out in real time, through the engine as it is: Silero, windows
every `step_s` of sound, a final pass at each end. The models have random weights in the shapes of OpenAI's, and always
say the same 12 words, about what a window of that length holds; so the times are those of real models, the words not.

A number of streams counts as sustained if 95 % of the final passes took at most `FINAL_S`, and at least `DECODED` of
the interim windows were decoded before a newer one replaced them. `windows_per_s` is what comes out when each stream
asks for its next window as soon as it has the last (`saturated`).
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from pipeline.engines.options.faster_whisper import FasterWhisperOptions
from pipeline.engines.transcribers import faster_whisper
from pipeline.engines.transcribers.faster_whisper import Engine
from pipeline.engines.whisper.batcher import Batcher, StaleError
from pipeline.engines.whisper.line import Rank
from tests.support.recordings import recordings
from tests.support.whisper_model import BASE, LARGE_V3_TURBO, TINY, build

SHAPES = {"tiny": TINY, "base": BASE, "large-v3-turbo": LARGE_V3_TURBO}
STREAMS = (1, 2, 4, 8, 16, 32)
CHUNK_S = 0.1
SATURATED_S = 4.0
SATURATING = 16
"""So many streams ask again at once in `saturated`, or as many as there are at most."""
FINAL_S = 1.0
DECODED = 0.9
STEP_SAMPLES = round(CHUNK_S * 16_000)


class Times:
    """How long each window took from its coming to its words, by rank; and how many interim ones were replaced."""

    def __init__(self) -> None:
        self.seconds: dict[Rank, list[float]] = {rank: [] for rank in Rank}
        self.stale = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Time what a started engine's batcher is asked for."""
        times = self

        class Timed(Batcher[Any, Any]):
            async def ask(self, job: Any, *, rank: Rank, owner: Hashable) -> Any:
                began = time.perf_counter()
                try:
                    result = await super().ask(job, rank=rank, owner=owner)
                except StaleError:
                    times.stale += 1
                    raise
                times.seconds[rank].append(time.perf_counter() - began)
                return result

        with mock.patch.object(faster_whisper, "Batcher", Timed):
            yield

    def report(self) -> dict[str, Any]:
        interim, final = self.seconds[Rank.INTERIM], self.seconds[Rank.FINAL]
        due = len(interim) + self.stale
        return {
            "interim_windows": len(interim),
            "interim_decoded": round(len(interim) / due, 3) if due else 1.0,
            "interim_ms": _percentiles(interim),
            "final_windows": len(final),
            "final_ms": _percentiles(final),
        }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {}
    return {f"p{which}": round(float(np.percentile(seconds, which)) * 1000, 1) for which in (50, 95)}


async def read_out(engine: Engine, number: int, until: float) -> None:
    """Read the recordings to the engine in real time, beginning with another one and a little later than the others."""
    texts = recordings()
    clock = time.monotonic
    await asyncio.sleep(number * 0.137 % 1.0)
    while clock() < until:
        samples = texts[number % len(texts)].samples
        number += 1
        utterance = await engine.open("en", f"speaker {number}")
        began = clock()
        for at in range(0, len(samples), STEP_SAMPLES):
            await asyncio.sleep(max(0.0, began + (at + STEP_SAMPLES) / 16_000 - clock()))
            await utterance.push(samples[at : at + STEP_SAMPLES].tobytes())
            if clock() >= until:
                break
        await utterance.finish()


async def paced(options: FasterWhisperOptions, streams: int, seconds: float) -> dict[str, Any]:
    """Run so many streams in real time."""
    times = Times()
    with times.taken():
        async with Engine(options) as engine:
            until = time.monotonic() + seconds
            await asyncio.gather(*(read_out(engine, number, until) for number in range(streams)))
    report = times.report()
    in_time = report["final_ms"].get("p95", 0.0) <= FINAL_S * 1000
    return report | {"sustained": bool(in_time and report["interim_decoded"] >= DECODED)}


async def saturated(options: FasterWhisperOptions, streams: int) -> float:
    """Say how many final windows a second so many streams get if each asks again at once."""
    pcm = recordings()[0].samples[: 4 * 16_000].tobytes()
    done = 0
    async with Engine(options) as engine:
        until = time.monotonic() + SATURATED_S

        async def ask() -> None:
            nonlocal done
            while time.monotonic() < until:
                utterance = await engine.open("en")
                await utterance.push(pcm)
                await utterance.finish()
                done += 1

        began = time.monotonic()
        await asyncio.gather(*(ask() for _ in range(streams)))
        return done / (time.monotonic() - began)


async def measure(name: str, folder: Path, streams: list[int], seconds: float, device: str) -> dict[str, Any]:
    """Measure one shape, batched and one by one, with each number of streams."""
    many = min(max(streams), SATURATING)
    model = build(folder, SHAPES[name], quantization="float16")
    found: dict[str, Any] = {}
    for mode, most in (("one by one", 1), ("batched", 32)):
        # No step is taken while pushing 4 s at once in `saturated`: it is about final windows only.
        options: dict[str, Any] = {"model": str(model), "device": device, "max_batch_size": most}
        runs: dict[str, Any] = {}
        for count in streams:
            runs[str(count)] = await paced(FasterWhisperOptions(**options), count, seconds)
            print(f"{name}, {mode}, {count} streams: {runs[str(count)]}", flush=True)
        rate = await saturated(FasterWhisperOptions(**options, step_s=20.0), many)
        print(f"{name}, {mode}: {rate:.1f} windows/s from {many} streams", flush=True)
        sustained = max((int(count) for count, run in runs.items() if run["sustained"]), default=0)
        found[mode] = {"sustained_streams": sustained, "windows_per_s": round(rate, 2), "streams": runs}
    found["ratio"] = round(found["batched"]["windows_per_s"] / found["one by one"]["windows_per_s"], 2)
    return found


def has_gpu() -> bool:
    import ctranslate2

    return bool(ctranslate2.get_cuda_device_count())


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", help=f"of {', '.join(SHAPES)}; the last one only with a GPU, if not named")
    parser.add_argument("--streams", default=",".join(map(str, STREAMS)))
    parser.add_argument("--seconds", type=float, default=12.0, help="of sound for each number of streams")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    asked = parser.parse_args()
    gpu = asked.device != "cpu" and has_gpu()
    shapes = asked.shapes.split(",") if asked.shapes else [each for each in SHAPES if gpu or each != "large-v3-turbo"]
    streams = [int(count) for count in asked.streams.split(",")]
    report: dict[str, Any] = {"device": "cuda" if gpu else "cpu", "cores": len(os.sched_getaffinity(0)), "shapes": {}}
    with tempfile.TemporaryDirectory(prefix="bench-stt-") as folder:
        for name in shapes:
            report["shapes"][name] = await measure(name, Path(folder) / name, streams, asked.seconds, asked.device)
    report["load_average"] = os.getloadavg()[0]
    print(json.dumps(report))


if __name__ == "__main__":
    asyncio.run(main())
