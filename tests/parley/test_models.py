"""What is told of each model."""

from pathlib import Path

import pytest

from parley.models import model_reports
from pipeline.engines.models.catalogue import Model, ModelFile

FILES = (ModelFile("a", "a", 600_000), ModelFile("b", "b", 400_000))
MODEL = Model("m", "e", "o/m", "main", FILES, "MIT", 1, "a model", ("mm",))


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def test_a_model_is_told_as_missing_in_part_or_here(tmp_path: Path) -> None:
    """By the files that are there, and how much would come."""
    (report,) = model_reports(tmp_path, [MODEL])
    assert (report.state, report.path, report.missing_megabytes) == ("no", None, 1)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a").write_bytes(bytes(600_000))
    (report,) = model_reports(tmp_path, [MODEL])
    assert (report.state, report.path) == ("in part", None)
    (tmp_path / "m" / "b").write_bytes(bytes(400_000))
    (report,) = model_reports(tmp_path, [MODEL])
    assert (report.state, report.path, report.missing_megabytes) == ("here", str(tmp_path / "m"), 0)


def test_every_model_of_the_catalogue_is_told(tmp_path: Path) -> None:
    """None of them is in an empty folder."""
    reports = model_reports(tmp_path)
    assert {"small", "xtts-v2", "en_US-lessac-medium"} <= {report.name for report in reports}
    assert {report.state for report in reports} == {"no"}
