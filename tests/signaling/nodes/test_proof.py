"""How nodes know each other's requests."""

import pytest

from signaling.nodes.proof import Passed, node_key, prove, proven

KEY = node_key("", "a secret of at least thirty-two bytes")
PASSED = Passed("one-1f", 1_700_000_000.25, "2001:db8::7")
TARGET = "/ws/signaling/demo?token=abc"


def test_what_a_node_says_is_believed() -> None:
    """Of the same request, within a minute by another clock."""
    header = prove(KEY, PASSED, "GET", TARGET)
    assert proven(KEY, header, "GET", TARGET, PASSED.at + 30) == PASSED
    assert proven(KEY, header, "GET", TARGET, PASSED.at - 30) == PASSED


@pytest.mark.parametrize(
    ("method", "target", "later_s"),
    [
        ("POST", TARGET, 0.0),
        ("GET", TARGET.replace("demo", "other"), 0.0),
        ("GET", TARGET, 61.0),
        ("GET", TARGET, -61.0),
    ],
)
def test_it_is_good_for_one_request_and_not_for_long(method: str, target: str, later_s: float) -> None:
    """Not for another method or room, nor later."""
    header = prove(KEY, PASSED, "GET", TARGET)
    assert proven(KEY, header, method, target, PASSED.at + later_s) is None


@pytest.mark.parametrize("header", ["", ";", "one-1f;1700000000.250;;00", "a" * 2_000, "é;1;2;ü", "one;x;y;z;w"])
def test_what_anybody_can_write_is_nothing(header: str) -> None:
    """Whatever it looks like."""
    assert proven(KEY, header, "GET", TARGET, PASSED.at) is None


def test_a_changed_word_makes_it_worthless() -> None:
    """The address as well: it is what limits go by."""
    header = prove(KEY, PASSED, "GET", TARGET)
    assert proven(KEY, header.replace("2001:db8::7", "127.0.0.1"), "GET", TARGET, PASSED.at) is None


def test_the_key_is_the_nodes_own_or_made_of_the_tokens() -> None:
    """Never the secret of tokens itself, which services elsewhere have."""
    assert node_key("a" * 32, "b" * 32) == b"a" * 32
    assert node_key("", "b" * 32) != b"b" * 32
    assert node_key("", "b" * 32) != node_key("", "c" * 32)
