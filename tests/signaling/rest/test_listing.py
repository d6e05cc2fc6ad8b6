"""A page at a time."""

import msgspec
import pytest

from signaling.rest.listing import PageQuery, page_of

IDS = ["b", "a", "d", "c", "c"]


def test_pages_follow_each_other() -> None:
    """Sorted, nothing twice, until there is no next one."""
    assert page_of(IDS, PageQuery(limit=3)) == (["a", "b", "c"], "c")
    assert page_of(IDS, PageQuery(limit=3, after="c")) == (["d"], None)
    assert page_of(IDS, PageQuery(limit=4)) == (["a", "b", "c", "d"], None)
    assert page_of([], PageQuery()) == ([], None)


def test_what_comes_and_goes_costs_no_place() -> None:
    """The next page begins after an id, whether it is still there or not."""
    assert page_of(["a", "bb", "d"], PageQuery(limit=3, after="b")) == (["bb", "d"], None)


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"after": "a b"}, {"after": "a\n"}]
)
def test_a_page_has_bounds(query: dict[str, str]) -> None:
    """Of both."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(query, PageQuery, strict=False)
