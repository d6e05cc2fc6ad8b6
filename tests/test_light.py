"""A plain install is light: it starts, and lists its engines, without any of the extras."""

import subprocess
import sys

# What only extras bring, and what is too large to be asked for at a start.
HEAVY = ("torch", "torchaudio", "TTS", "transformers", "tensorflow", "piper")

CODE = f"""
import sys
sys.modules.update(dict.fromkeys({HEAVY!r}))  # importing one of them fails, as if it were not installed
import parley.serve, parley.worker
assert "redis" not in sys.modules, "only several nodes need it"
from pipeline.engines.listing import list_engines
listed = list_engines()
faults = [engine.why for engine in listed if "fault of the engine" in engine.remedy]
assert not faults, faults
print(*sorted({{engine.name for engine in listed if engine.works}}))
"""


def test_a_plain_install_starts_without_the_extras() -> None:
    """Every engine says what it lacks, and the offline ones work."""
    answer = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert {"apertium", "espeak", "pocketsphinx"} <= set(answer.stdout.split())
