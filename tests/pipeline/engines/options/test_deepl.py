"""What can be set about DeepL."""

from typing import Any

import pytest

from pipeline.engines.options.deepl import DeepLOptions


@pytest.mark.parametrize("wrong", [{"timeout_s": 0}, {"connect_s": -1}, {"concurrency": 0}, {"glossaries": -1}])
def test_what_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    """At once, and not at the first clause."""
    with pytest.raises(ValueError, match="must be"):
        DeepLOptions(**wrong)
