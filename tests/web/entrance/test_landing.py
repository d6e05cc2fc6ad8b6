"""The first page: which room."""

import asyncio

import pytest
from playwright.async_api import Route

from tests.web.conftest import Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_entering_a_room(visit: Visiting) -> None:
    """By its name, and what the address says about the page goes along; by its link, which says all; or a new one."""
    async with visit() as visiting:
        await visiting.page.goto(f"{visiting.door.url}/?ui=es")
        assert await visiting.text(".tongues [aria-current]") == "Español"
        await visiting.page.fill("#room", "our-room_7")
        await visiting.page.click("#enter button")
        await visiting.page.wait_for_url("**/r/our-room_7?ui=es")
        await visiting.page.goto(visiting.door.url)
        await visiting.page.fill("#room", f" {visiting.door.url}/r/den?token=a.b.c ")
        await visiting.page.press("#room", "Enter")
        await visiting.page.wait_for_url("**/r/den?token=a.b.c")
        # A new one has a name that nobody guesses: two of them are two.
        names = []
        for _ in range(2):
            await visiting.page.goto(visiting.door.url)
            await visiting.page.click("#new")
            await visiting.page.wait_for_url("**/r/*")
            names.append(visiting.page.url.rpartition("/")[2].partition("?")[0])
        assert names[0] != names[1]
        assert all(len(name) == 12 for name in names)


async def test_a_name_that_is_none_is_told_so(visit: Visiting) -> None:
    """With what a room's name is made of, and the focus where it is to be corrected; also to who beats the words."""

    async def late(route: Route) -> None:
        await asyncio.sleep(0.5)
        await route.continue_()

    async with visit() as visiting:
        await visiting.page.route("**/*.json", late)
        await visiting.page.goto(visiting.door.url)
        await visiting.page.fill("#room", "our room!")
        await visiting.page.keyboard.press("Enter")
        await visiting.page.wait_for_selector("#room-error:not(:empty)")
        assert "letters, digits" in await visiting.text("#room-error")
        assert await visiting.page.evaluate("document.activeElement.id") == "room"
        assert await visiting.page.get_attribute("#room", "aria-invalid") == "true"
