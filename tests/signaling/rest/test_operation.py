"""What an operation is."""

from signaling.rest.operation import Access, Operation
from signaling.rest.operations import OPERATIONS
from tests.signaling.rest.conftest import nothing


def test_without_more_words_it_is_for_services() -> None:
    """Whoever forgets to say who may, opens nothing."""
    operation = Operation(method="GET", path="/", name="x", tag="x", summary="x", does=nothing)
    assert operation.access is Access.KEY


def test_whoever_is_not_checked_here_checks_by_themselves() -> None:
    """Participants' tokens in an address are looked at by the handler alone."""
    assert all(each.is_raw for each in OPERATIONS if each.access is Access.MEMBER)


def test_only_these_are_open_to_everybody() -> None:
    """One more is a decision."""
    public = {each.name for each in OPERATIONS if each.access is Access.PUBLIC}
    assert public == {"list_languages", "give_dev_token", "give_qr", "openapi", "docs"}
