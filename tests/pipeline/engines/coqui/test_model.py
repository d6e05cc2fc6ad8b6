"""Which kind of model is loaded."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.engines.coqui.description import Description
from pipeline.engines.coqui.model import load
from pipeline.engines.options.coqui import CoquiOptions


@pytest.mark.parametrize(("kind", "name"), [("xtts", "XttsModel"), ("vits", "VitsModel")])
def test_each_kind_has_its_own_file(kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And only that one is imported."""
    module = ModuleType(kind)
    setattr(module, name, lambda description, options: (description, options))
    monkeypatch.setitem(sys.modules, f"pipeline.engines.coqui.{kind}", module)
    description, options = Description(Path(), kind, 24_000, {}), CoquiOptions()
    assert load(description, options) == (description, options)  # type: ignore[comparison-overlap]
