"""What a server says of itself, before and after."""

import math

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from parley.load.server_metrics import between, read_buckets, scrape


def registry() -> tuple[CollectorRegistry, Histogram]:
    made = CollectorRegistry()
    stages = Histogram(
        "parley_pipeline_stage_seconds", "x", ["stage", "engine"], buckets=(0.1, 0.2, 0.5), registry=made
    )
    Histogram("parley_loop_lag_seconds", "x", registry=made).observe(1)
    return made, stages


def test_stages_are_told_apart_and_engines_added_up() -> None:
    """Other histograms are none of ours."""
    made, stages = registry()
    stages.labels("translation", "a").observe(0.15)
    stages.labels("translation", "b").observe(0.05)
    stages.labels("synthesis", "a").observe(0.3)
    found = read_buckets(generate_latest(made).decode())
    assert found == {
        "pipeline_stage.translation": {0.1: 1.0, 0.2: 2.0, 0.5: 2.0, math.inf: 2.0},
        "pipeline_stage.synthesis": {0.1: 0.0, 0.2: 0.0, 0.5: 1.0, math.inf: 1.0},
    }


def test_only_what_came_in_between_counts() -> None:
    """A stage in which nothing happened is left out."""
    made, stages = registry()
    stages.labels("synthesis", "a").observe(0.4)
    stages.labels("translation", "a").observe(0.4)
    before = read_buckets(generate_latest(made).decode())
    stages.labels("translation", "a").observe(0.15)
    found = between(before, read_buckets(generate_latest(made).decode()))
    assert list(found) == ["pipeline_stage.translation"]
    assert (found["pipeline_stage.translation"].n, found["pipeline_stage.translation"].p50_ms) == (1, 150.0)


async def test_several_servers_are_added_up_and_silent_ones_left_out() -> None:
    """A worker has metrics of its own; who is not there has none."""
    made, stages = registry()
    stages.labels("synthesis", "a").observe(0.4)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(made), content_type="text/plain")

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        url = str(server.make_url("/"))
        found = await scrape(http, (url, url, "http://127.0.0.1:1"))
    assert found["pipeline_stage.synthesis"][0.5] == 2.0
