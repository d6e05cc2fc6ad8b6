"""Prometheus and Grafana: they look where something is, for what the code registers, and every alert has a remedy."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.infra.composed import as_written
from tests.infra.dockerfile import read
from tests.infra.registered import metrics, names
from tests.support.source_tree import ROOT

INFRA = ROOT / "infra"
RULES: list[dict[str, Any]] = yaml.safe_load((INFRA / "prometheus/rules.yml").read_text())["groups"][0]["rules"]
SCRAPED: dict[str, Any] = yaml.safe_load((INFRA / "prometheus/prometheus.yml").read_text())
DASHBOARD: dict[str, Any] = json.loads((INFRA / "grafana/dashboards/parley.json").read_text())

# What Prometheus and its Python client add to any target.
FOREIGN = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
TARGET_LABELS = {"job", "instance", "worker"}
WORDS = {"by", "sum", "max", "min", "rate", "increase", "deriv", "time", "absent", "and", "or", "histogram_quantile"}


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def queries() -> Iterator[tuple[str, str]]:
    """Give every query, and where it stands."""
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


QUERIES = [pytest.param(query, id=f"{where}-{number}") for number, (where, query) in enumerate(queries())]


def plain(query: str) -> str:
    """Give a query without its strings and ranges."""
    return re.sub(r"\[[^]]*\]", "", re.sub(r'"[^"]*"', '""', query))


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_of_metrics_that_exist(query: str) -> None:
    """By name, and by the labels that are asked for."""
    text = plain(query)
    names = set(re.findall(r"\bparley_\w+", text)) | (set(re.findall(r"\b[a-z_]+\b", text)) & FOREIGN)
    assert names
    assert names - FOREIGN <= set(metrics())
    labels = {label for name in names for label in metrics().get(name, ())} | TARGET_LABELS
    grouped = {label.strip() for by in re.findall(r"by \(([^)]*)\)", text) for label in by.split(",")}
    matched = set(re.findall(r"([a-z_]+)\s*=~?\"", text))
    assert grouped | matched <= labels


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_well_formed(query: str) -> None:
    """Brackets close, counters are not read raw, and nothing is called that Prometheus does not have."""
    text = plain(query)
    for opening, closing in ("()", "{}"):
        assert text.count(opening) == text.count(closing)
    assert set(re.findall(r"\b([a-z_]+)\s*\(", text)) <= WORDS
    for name in re.findall(r"\b\w+_(?:total|bucket)\b", text):
        assert re.search(rf"(rate|increase)\({name}", text), name


def test_no_metric_is_registered_twice() -> None:
    """The second module to be imported would fail, in the one process that needs both."""
    assert not [name for name, times in Counter(names()).items() if times > 1]


def test_legends_name_labels_that_are_there() -> None:
    """A legend of something that was summed away is empty."""
    for panel in panels():
        for target in panel["targets"]:
            named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            grouped = {label.strip() for by in re.findall(r"by \(([^)]*)\)", target["expr"]) for label in by.split(",")}
            if "sum" in target["expr"]:
                assert named <= grouped, panel["title"]


def test_the_dashboard_shows_the_ledger() -> None:
    """Each stage at p50 and p95, end to end, lag, drops by reason, dead letters, loop lag, people and packets."""
    text = " ".join(query for _, query in queries())
    for wanted in (
        "histogram_quantile(0.5, sum by (stage, le) (rate(parley_utterance_stage_seconds",
        "histogram_quantile(0.95, sum by (stage, le) (rate(parley_utterance_stage_seconds",
        "histogram_quantile(0.95, sum by (stage, engine, le) (rate(parley_pipeline_stage_seconds",
        "rate(parley_voice_latency_seconds",
        "parley_pipeline_lag_records",
        "sum by (stage, reason) (increase(parley_pipeline_drops_total",
        "parley_pipeline_dead_letters_total",
        "parley_loop_lag_seconds",
        "parley_sessions",
        "parley_voice_packets_total",
    ):
        assert wanted in text, wanted


def test_the_dashboard_is_whole() -> None:
    """Every panel says what it shows, has its own place, and asks the source that is provisioned."""
    [source] = yaml.safe_load((INFRA / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"]
    for panel in panels():
        assert panel["description"], panel["title"]
        assert panel["datasource"]["uid"] == source["uid"]
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    places = [set(_cells(panel["gridPos"])) for panel in DASHBOARD["panels"]]
    assert sum(map(len, places)) == len(set().union(*places)), "panels lie over each other"
    assert max(x for place in places for x, _ in place) < 24


def _cells(place: dict[str, int]) -> Iterator[tuple[int, int]]:
    for x in range(place["x"], place["x"] + place["w"]):
        yield from ((x, y) for y in range(place["y"], place["y"] + place["h"]))


def test_grafana_finds_what_is_provisioned() -> None:
    """Files are where its own settings look for them."""
    grafana = as_written()["grafana"]
    mounted = {str(volume if isinstance(volume, str) else volume["target"]) for volume in grafana["volumes"]}
    [provider] = yaml.safe_load((INFRA / "grafana/provisioning/dashboards/parley.yml").read_text())["providers"]
    path = provider["options"]["path"]
    assert [where for where in mounted if path in where]
    assert grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == f"{path}/parley.json"
    [source] = yaml.safe_load((INFRA / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"


def test_prometheus_asks_every_process_at_its_port() -> None:
    """By the names of compose, each with all the addresses that it has; the GPU's workers have the CPU's names."""
    jobs = {job["job_name"]: job["dns_sd_configs"][0] for job in SCRAPED["scrape_configs"]}
    assert set(jobs["node"]["names"]) | set(jobs["worker"]["names"]) == {"node", "stt", "translation", "tts"}
    assert jobs["node"]["port"] == int(read().environment("node")["PARLEY_SIGNALING__PORT"])
    assert jobs["worker"]["port"] == int(read().environment("worker")["PARLEY_PROCESS__PROBE_PORT"])
    assert SCRAPED["rule_files"] == ["/etc/prometheus/rules.yml"]
    assert {name for job in jobs.values() for name in job["names"]} <= set(as_written())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    """Its remedy is a row of the runbook."""
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert rule["annotations"]["summary"]
    page, _, symptom = rule["annotations"]["runbook"].partition(": ")
    assert re.search(rf"^\| \*\*{re.escape(symptom)}", (ROOT / page).read_text(), re.MULTILINE), symptom
