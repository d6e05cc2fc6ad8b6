"""The guards over the event loop: each catches its fault, lets good tests pass, and can be told why not."""

import re
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.guards.held_loop import RunQueueClock
from tests.support.source_tree import ROOT

SAMPLES = "tests/guards/samples/sample_guarded.py"
OPTIONS = ("-p", "no:cacheprovider", "-o", "loop_limit_ms=100", "-o", "python_files=sample_*.py", "-rA", "--color=no")


@dataclass(frozen=True)
class Run:
    """How the samples went."""

    words: str

    def of(self, name: str) -> set[str]:
        """Give the outcomes of one sample, its call and its set-up or teardown: PASSED, FAILED, ERROR."""
        return set(re.findall(rf"^(PASSED|FAILED|ERROR) \S+::{name}\b", self.words, re.MULTILINE))


@pytest.fixture(scope="module")
def run() -> Run:
    words = [sys.executable, "-m", "pytest", SAMPLES, *OPTIONS]
    return Run(subprocess.run(words, cwd=ROOT, capture_output=True, text=True).stdout)


def test_a_test_that_holds_the_loop_fails_and_is_told_who_did_it(run: Run) -> None:
    """Sleeping in a coroutine is caught, with the time and the name of the coroutine."""
    assert run.of("test_sleeps") == {"FAILED"}
    assert re.search(r"the event loop was held for \d+ ms \(limit 100 ms\) by .*sleeper", run.words)


def test_work_in_the_loop_is_caught_as_sleep_is(run: Run) -> None:
    """A calculation holds the loop as much as waiting does."""
    assert run.of("test_calculates") == {"FAILED"}


def test_fixtures_are_watched_too(run: Run) -> None:
    """A fixture that holds the loop makes its test an error."""
    assert run.of("test_has_a_slow_fixture") == {"ERROR"}


def test_awaiting_is_not_holding(run: Run) -> None:
    """Waiting asynchronously or in a thread passes."""
    assert run.of("test_awaits") == {"PASSED"}


def test_a_reason_exempts_from_the_guard(run: Run) -> None:
    """blocks_loop with a reason lets a test pass; without a reason it fails."""
    assert run.of("test_holds_with_a_reason") == {"PASSED"}
    assert run.of("test_holds_without_a_reason") == {"FAILED"}
    assert "blocks_loop needs a reason" in run.words


def test_standing_in_the_run_queue_is_not_holding(run: Run) -> None:
    """On a machine with many more busy processes than cores, a step that works for 40 ms passes a limit of 100 ms."""
    assert run.of("test_works_in_a_crowd") == {"PASSED"}, run.words


def test_without_the_kernels_figures_nothing_is_taken_off() -> None:
    """Where /proc does not tell, the run queue counts as zero."""
    assert RunQueueClock("/nowhere").waited_s() == 0


def test_a_task_left_running_fails_the_test(run: Run) -> None:
    """A task that nobody asked to end is an error when the loop closes, by name."""
    assert "ERROR" in run.of("test_forgets_a_task")
    assert re.search("tasks still run at the end of the test: .*forgotten", run.words)


def test_a_task_that_was_cancelled_or_excused_passes(run: Run) -> None:
    """A cancelled task may end with the loop; leaves_tasks with a reason excuses the others."""
    assert run.of("test_cancels_its_task") == {"PASSED"}
    assert run.of("test_leaves_a_task_with_a_reason") == {"PASSED"}
