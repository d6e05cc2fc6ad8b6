"""What every test gets: guards over the event loop, human speech to hear, and a broker to talk to."""

import os

import pytest
import structlog
from hypothesis import HealthCheck, settings

from parley import collector
from tests.guards.guard import Guard
from tests.guards.held_loop import HeldLoop
from tests.guards.leaked_tasks import LeakedTasks
from tests.support.broker import Broker, shared
from tests.support.recordings import Recording
from tests.support.recordings import recordings as all_recordings

# How long an example takes says how busy the machine is. The same examples each time, so that what is red was made so
# by the change at hand; `pytest --hypothesis-profile=explore` goes where nobody has been.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeat", settings.get_profile("explore"), derandomize=True)
settings.load_profile("repeat")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("loop_limit_ms", "how long one step may hold the event loop, in milliseconds", default="250")


def pytest_configure(config: pytest.Config) -> None:
    # structlog's own default draws tracebacks with all variables, which holds the loop for hundreds of milliseconds.
    render = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, structlog.dev.set_exc_info, render])
    held_loop = HeldLoop(float(config.getini("loop_limit_ms")))
    config.pluginmanager.register(Guard(held_loop, exempt="blocks_loop"), "held-loop-guard")
    config.pluginmanager.register(Guard(LeakedTasks(), exempt="leaves_tasks"), "leaked-tasks-guard")


def pytest_collection_finish() -> None:
    # A full collection over every module and test would hold the loop of whichever test it comes in.
    collector.settle()


@pytest.fixture(scope="session")
def recordings() -> tuple[Recording, ...]:
    """Give LibriVox recordings with their transcripts, in the order of the book."""
    try:
        return all_recordings()
    except FileNotFoundError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def recording(recordings: tuple[Recording, ...]) -> Recording:
    """Give one LibriVox recording with its transcript."""
    return recordings[0]


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Broker:
    """Give the real Kafka broker that all tests of this run share, also those in other processes of pytest-xdist.

    It starts when it is first asked for. Use topics of your own: `KafkaSettings.prefix`.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        return shared(folder.parent, os.getppid())
    return shared(folder, os.getpid())
