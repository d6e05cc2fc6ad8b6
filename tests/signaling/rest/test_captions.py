"""The stream of captions, as an operation."""

from pipeline.messages import Transcript
from tests.fakes.said import transcript
from tests.signaling.conftest import ROOM
from tests.signaling.rest.conftest import Api


async def test_the_stream_is_served_with_a_participants_token(api: Api) -> None:
    """In the address, since browsers' `EventSource` sends no headers of one's own."""
    params = {"token": api.house.token()}
    headers = {"Accept": "text/event-stream"}
    async with api.house.http.get(f"/api/v1/rooms/{ROOM}/captions", params=params, headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        said: Transcript = transcript("what was said")
        await api.house.bus.publish(said)
        async for line in response.content:
            if line.startswith(b"data:"):
                assert b"what was said" in line
                break


async def test_without_one_the_refusal_has_the_one_shape(api: Api) -> None:
    """An API key is none."""
    path, headers = f"rooms/{ROOM}/captions", {"Accept": "text/event-stream"}
    assert await api.code("GET", path, headers=headers) == (401, "unauthorized")
    assert (await api.code("GET", path))[0] == 406
