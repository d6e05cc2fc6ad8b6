"""Pages of other origins."""

import pytest

from tests.signaling.rest.conftest import Api, OpenApi

APP, EVIL = "https://app.example.org", "https://evil.example.org"


@pytest.fixture
async def api(open_api: OpenApi) -> Api:
    started: Api = await open_api(allowed_origins=(APP,))
    return started


async def ask(api: Api, method: str, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    sent = {**api.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with api.house.http.request(method, f"/api/v1/{path}", headers=sent, json={}) as response:
        return response.status, dict(response.headers)


async def test_a_page_on_the_list_may_ask_and_read(api: Api) -> None:
    """It asks the server first, which names the methods that there are."""
    status, headers = await ask(
        api, "OPTIONS", "rooms", Origin=APP, Access_Control_Request_Method="POST", Access_Control_Request_Headers="x"
    )
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == APP
    assert headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST"
    assert "Authorization" in headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in headers
    status, headers = await ask(api, "POST", "rooms", Origin=APP)
    assert status == 201
    assert headers["Access-Control-Allow-Origin"] == APP
    assert "Location" in headers["Access-Control-Expose-Headers"]
    assert headers["Vary"] == "Origin"


async def test_a_page_may_read_why_it_was_refused(api: Api) -> None:
    """Errors are answers too."""
    status, headers = await ask(api, "GET", "rooms/nowhere", Origin=APP)
    assert (status, headers["Access-Control-Allow-Origin"]) == (404, APP)


@pytest.mark.parametrize("origin", [EVIL, "null", APP + ".evil.org", APP.upper()])
async def test_another_page_may_not(api: Api, origin: str) -> None:
    """It changes nothing, and reads nothing."""
    status, headers = await ask(api, "OPTIONS", "rooms", Origin=origin, Access_Control_Request_Method="POST")
    assert status == 403
    assert "Access-Control-Allow-Origin" not in headers
    status, headers = await ask(api, "POST", "rooms", Origin=origin)
    assert status == 403
    status, headers = await ask(api, "GET", "languages", Origin=origin)
    assert status == 200
    assert "Access-Control-Allow-Origin" not in headers


async def test_without_a_list_nothing_is_said_of_origins(open_api: OpenApi) -> None:
    """Our own page needs no leave."""
    api = await open_api()
    _, headers = await ask(api, "GET", "languages", Origin=APP)
    assert not [name for name in headers if name.startswith("Access-Control")]


async def test_there_is_no_leave_for_what_is_not_there(api: Api) -> None:
    """Nor for a path that takes no such method."""
    status, _ = await ask(api, "OPTIONS", "nowhere", Origin=APP, Access_Control_Request_Method="GET")
    assert status == 404
    status, _ = await ask(api, "OPTIONS", "rooms", Origin=APP)
    assert status == 405
