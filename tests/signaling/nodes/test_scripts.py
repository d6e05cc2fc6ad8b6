"""The scripts are tried by `test_store.py`, on a real Redis; here is what can be seen of them as they stand."""

import re

import pytest

from signaling.nodes import scripts

ALL = {name: text for name, text in vars(scripts).items() if name.isupper() and not name.startswith("_")}


@pytest.mark.parametrize("name", ALL)
def test_a_script_touches_the_keys_that_it_is_given(name: str) -> None:
    """Never one whose name it makes up: where Redis is in several pieces, it could not be found."""
    called = re.findall(r"redis\.call\('(\w+)', ([^,)]+)", ALL[name])
    assert called
    for command, key in called:
        assert key.startswith("KEYS[") or key in {"key", "generation", "floor"}, (command, key)


def test_times_are_redis_own() -> None:
    """No script takes a time of day from a node."""
    for name in ("CLAIM", "BEAT", "RELEASE", "REVOKE"):
        assert "redis.call('TIME')" in ALL[name]
