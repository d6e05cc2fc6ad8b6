"""Operations become routes."""

from signaling.rest.operations import OPERATIONS
from signaling.rest.room import Room
from signaling.rest.routes import answer
from tests.signaling.rest.conftest import Api


async def test_an_operation_answers_as_it_declares(api: Api) -> None:
    """Its status, JSON, and where the new thing is; nothing to be cached."""
    async with api.house.http.post("/api/v1/rooms", json={"room_id": "demo"}, headers=api.headers) as response:
        assert response.status == 201
        assert response.content_type == "application/json"
        assert response.headers["Location"] == "/api/v1/rooms/demo"
        assert response.headers["Cache-Control"] == "no-store"
        assert set(await response.json()) == set(Room.__struct_fields__)


async def test_what_has_nothing_to_say_says_nothing(api: Api) -> None:
    """204, without a body."""
    await api("POST", "rooms", {"room_id": "demo"})
    async with api.house.http.delete("/api/v1/rooms/demo", headers=api.headers) as response:
        assert response.status == 204
        assert await response.read() == b""


async def test_what_is_read_can_be_asked_about_as_well(api: Api) -> None:
    """HEAD, as RFC 9110 wants it."""
    async with api.house.http.head("/api/v1/languages") as response:
        assert response.status == 200


def test_an_answer_may_have_no_body() -> None:
    """And headers of its own."""
    response = answer(None, 204, {"X-More": "1"})
    assert (response.body, response.headers["X-More"]) == (None, "1")


async def test_every_route_is_an_operation(api: Api) -> None:
    """So that the document tells all of them."""
    declared = {(each.method, each.path) for each in OPERATIONS}
    routed = {
        (route.method, route.resource.canonical)
        for route in api.house.http.app.router.routes()
        if route.resource and route.resource.canonical.startswith("/api/") and route.method != "HEAD"
    }
    assert routed == declared
