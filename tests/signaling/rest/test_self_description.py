"""What the interface says of itself."""

from signaling.rest.operation import Operation
from signaling.rest.operations import OPERATIONS, openapi
from signaling.rest.self_description import page
from tests.signaling.rest.conftest import Api, nothing


async def test_the_document_is_served(api: Api) -> None:
    """To everybody, the same that the command prints."""
    api.headers = {}
    status, told = await api("GET", "openapi.json")
    assert status == 200
    assert told == openapi()


async def test_people_get_a_page(api: Api) -> None:
    """That names every operation, and needs no other file."""
    async with api.house.http.get("/api/v1/docs") as response:
        text = await response.text()
    assert response.content_type == "text/html"
    assert all(f"{each.method} {each.path}" in text for each in OPERATIONS)
    assert "src=" not in text
    assert "<script" not in text


def test_what_is_said_is_text() -> None:
    """Not markup."""
    text = page([Operation(method="GET", path="/<b>", name="x", tag="<i>", summary="<u>", does=nothing)])
    assert not {"<b>", "<i>", "<u>"} & set(text.replace(">", "> ").split())
