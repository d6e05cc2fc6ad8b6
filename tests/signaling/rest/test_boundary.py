"""Whatever happens, the answer has the one shape."""

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from signaling.rest import house as house_module
from tests.signaling.rest.conftest import Api


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "nowhere", 404, "not_found"),
        ("GET", "rooms/a%2Fb", 400, "bad_id"),
        ("GET", "rooms/%00", 400, "bad_id"),
        ("GET", "rooms/", 404, "not_found"),
        ("PUT", "rooms", 405, "method_not_allowed"),
        ("TRACE", "rooms", 405, "method_not_allowed"),
        ("OPTIONS", "rooms", 405, "method_not_allowed"),
        ("GET", "rooms?x=1", 400, "bad_request"),
        ("GET", "rooms/nowhere", 404, "no_such_room"),
    ],
)
async def test_what_is_not_there_is_said_in_the_one_shape(
    api: Api, method: str, path: str, status: int, code: str
) -> None:
    """Also what no handler ever sees."""
    assert await api.code(method, path) == (status, code)


async def test_a_wrong_method_names_the_right_ones(api: Api) -> None:
    """As RFC 9110 wants it."""
    async with api.house.http.put("/api/v1/rooms/demo", headers=api.headers) as response:
        assert response.headers["Allow"] == "DELETE,GET,HEAD,PATCH"


async def test_a_large_body_is_refused(api: Api) -> None:
    """Before it is read to its end."""
    assert await api.code("POST", "rooms", {"room_id": "a" * 70_000}) == (413, "too_large")


async def test_a_compressed_body_is_refused(api: Api) -> None:
    """It could be of any size."""
    headers = {"Content-Encoding": "gzip"}
    status, _ = await api.code("POST", "rooms", headers=headers, data=b"\x1f\x8b")
    assert status == 415


async def test_a_fault_of_ours_costs_one_request(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 without a word of it; the log has it, by route and not by path."""

    def broken(*_args: object) -> None:
        raise RuntimeError("what broke")

    monkeypatch.setattr(house_module, "room_of", broken)
    await api("POST", "rooms", {"room_id": "demo"})
    with capture_logs() as lines:
        status, answer = await api("GET", "rooms/demo")
    assert (status, answer["error"]["code"]) == (500, "failed")
    assert "broke" not in str(answer)
    [line] = [line for line in lines if line["event"] == "rest_failed"]
    assert line["route"] == "GET /api/v1/rooms/{room_id}"
    monkeypatch.undo()
    assert (await api("GET", "rooms/demo"))[0] == 200


async def test_requests_are_counted_by_route(api: Api) -> None:
    """Never by what somebody made up."""

    def count(route: str, status: str) -> float:
        return REGISTRY.get_sample_value("parley_rest_requests_total", {"route": route, "status": status}) or 0.0

    before = count("GET /api/v1/rooms/{room_id}", "404"), count("unmatched", "405")
    await api("GET", "rooms/nowhere")
    await api("PUT", "rooms/nowhere")
    assert count("GET /api/v1/rooms/{room_id}", "404") == before[0] + 1
    assert count("unmatched", "405") == before[1] + 1


async def test_other_pages_are_none_of_its_business(api: Api) -> None:
    """The page's own errors are for people."""
    async with api.house.http.get("/assets/nowhere") as response:
        assert response.status == 404
        assert response.content_type == "text/plain"
