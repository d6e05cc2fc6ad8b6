"""Which page each participant is, kept over the death of a node."""

from signaling.identity.grant import Identity
from signaling.nodes.pages import DoorPages
from tests.signaling.nodes.conftest import NewNode


async def test_a_page_is_remembered_until_its_participant_is_back(new_node: NewNode) -> None:
    """Those of this room only; then it is the page that they have now."""
    async with new_node("one") as one:
        pages = DoorPages(one.door)
        pages.restore("demo", {"ann": "page1", "ben": "page2"})
        pages.restore("other", {"cat": "page3"})
        assert pages.of("demo") == {"ann": "page1", "ben": "page2"}
        ann = await one.join("demo", "ann")
        assert pages.of("demo") == {"ann": ann.told[-1]["page_id"], "ben": "page2"}
        assert Identity("ann", "demo") not in one.door.former_pages
        pages.restore("demo", {})
        assert list(one.door.former_pages.values()) == ["page3"]
