"""The languages, as an operation."""

from tests.signaling.rest.conftest import Api


async def test_both_menus_are_told(api: Api) -> None:
    """To everybody."""
    api.headers = {}
    status, told = await api("GET", "languages")
    assert status == 200
    assert {"language": "en", "recognised": True} in told["speak"]
    assert {"language": "es", "sources": ["en"]} in told["listen"]
