"""The pytest plugin around a watch: it fails the test in which the watch saw a fault."""

from collections.abc import Generator
from typing import Any, Protocol

import pytest

Phase = Generator[None, Any, Any]


class Watch(Protocol):
    """Looks for one kind of fault, while it is installed."""

    def install(self) -> None: ...

    def remove(self) -> None: ...

    def begin(self) -> None:
        """Forget what was seen: another phase of a test begins."""

    def fault(self) -> str | None:
        """Say what was wrong since `begin`, and what to do about it; None if nothing was."""


class Guard:
    """Watches set-up, call and teardown of every test. The marker `exempt`, which must give a reason, lets one pass."""

    def __init__(self, watch: Watch, *, exempt: str) -> None:
        self._watch = watch
        self._exempt = exempt

    def pytest_sessionstart(self) -> None:
        self._watch.install()

    def pytest_sessionfinish(self) -> None:
        self._watch.remove()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Phase:
        return (yield from self._phase(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Phase:
        return (yield from self._phase(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Phase:
        return (yield from self._phase(item))

    def _phase(self, item: pytest.Item) -> Phase:
        self._watch.begin()
        result = yield
        fault = self._watch.fault()
        if fault is not None and not self._is_exempt(item):
            pytest.fail(f"{fault}, or say why not with the marker {self._exempt}(reason)", pytrace=False)
        return result

    def _is_exempt(self, item: pytest.Item) -> bool:
        mark = item.get_closest_marker(self._exempt)
        if mark is not None and not mark.args:
            pytest.fail(f"{self._exempt} needs a reason: @pytest.mark.{self._exempt}('why')", pytrace=False)
        return mark is not None
