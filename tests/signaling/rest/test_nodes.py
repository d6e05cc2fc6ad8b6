"""The list of nodes."""

from tests.signaling.rest.conftest import Api


async def test_one_node_is_no_list(api: Api) -> None:
    """Where there is only this one there is nothing to list; the key is asked for all the same."""
    assert await api("GET", "nodes") == (200, {"nodes": []})
    api.headers = {}
    assert await api.code("GET", "nodes") == (401, "api_key_needed")
