"""Keys, the bar that folds, and what is held to talk."""

import pytest

from tests.support.until import until
from tests.web.conftest import Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOCUS = "document.activeElement.id"


async def test_what_is_held_is_talked_into(visit: Visiting) -> None:
    """Space anywhere but in fields and on buttons, and the button itself; a short press of it still switches."""
    async with visit() as visiting:
        me, page = await visiting.join(), visiting.page
        await page.keyboard.press("m")
        await until(lambda: me.info.muted)
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.down("Space")
        await until(lambda: not me.info.muted)
        assert await visiting.text("#mute") == "Talking"
        await page.keyboard.up("Space")
        await until(lambda: me.info.muted)
        await visiting.eventually("document.querySelector('#mute span').textContent === 'Unmute'")
        await page.hover("#mute")
        await page.mouse.down()
        await until(lambda: not me.info.muted)
        await page.mouse.up()
        await until(lambda: me.info.muted)
        await page.focus("#mute")
        await page.keyboard.down("Space")
        await until(lambda: not me.info.muted)
        # The window is left while the key is down: nobody is told of its release.
        await page.evaluate("window.dispatchEvent(new Event('blur'))")
        await until(lambda: me.info.muted)
        await page.keyboard.up("Space")
        await page.keyboard.press("Space")
        await until(lambda: not me.info.muted)
        assert await visiting.text("#mute") == "Mute"


async def test_keys_are_for_the_call_unless_somebody_types(visit: Visiting) -> None:
    """They are listed, in a keyboard's own script too, and can be switched off for good."""
    async with visit() as visiting:
        me, page = await visiting.join(), visiting.page
        await page.keyboard.press("/")
        await page.keyboard.type("mm c?")
        assert await page.evaluate("document.activeElement.value") == "mm c?"
        await page.keyboard.press("Escape")
        await page.evaluate("document.activeElement.blur()")
        assert not me.info.muted
        await page.keyboard.press("?")
        await page.wait_for_selector("#shortcuts-dialog[open]")
        assert "Mute or unmute\nM" in (await page.inner_text("#shortcuts-list")).replace("\n\n", "\n")
        # A dialog has the keys.
        await page.keyboard.press("m")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("#shortcuts-dialog", state="hidden")
        cyrillic = (
            "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ь', code: 'KeyM', bubbles: true }))"
        )
        await page.evaluate(cyrillic)
        await until(lambda: me.info.muted)
        assert await page.get_attribute("#mute", "aria-keyshortcuts") == "M"
        await page.keyboard.press("?")
        await page.click("#shortcuts-on")
        await page.click("#talk-on")
        await page.keyboard.press("Escape")
        await page.evaluate("document.activeElement.blur()")
        for key in ("m", "l", "Space"):
            await page.keyboard.press(key)
        assert await page.get_attribute("#mute", "aria-keyshortcuts") is None
        assert not await page.is_visible("#change")
        assert await visiting.text("#mute") == "Unmute"
        assert me.info.muted


async def test_what_has_no_room_folds_into_a_menu(visit: Visiting) -> None:
    """And does the same from there; focus comes back to the menu's button, and to the control when it is back."""
    async with visit(viewport={"width": 1280, "height": 800}) as visiting:
        await visiting.join()
        page = visiting.page
        assert await page.locator("#folded > *").count() == 0
        await page.focus("#languages")
        await page.set_viewport_size({"width": 320, "height": 640})
        await page.wait_for_selector("#folded #languages", state="attached")
        assert await page.evaluate(FOCUS) == "more"
        await page.click("#more")
        assert await page.evaluate("document.activeElement.closest('#more-menu') !== null")
        await page.click("#languages")
        await page.wait_for_selector("#change[open]")
        assert not await page.is_visible("#more-menu")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("#change", state="hidden")
        assert await page.evaluate(FOCUS) == "more"
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.wait_for_selector("#controls > #languages")
        order = (
            "[...document.querySelectorAll('#controls > button')].filter((b) => !b.hidden).map((b) => b.id).join(' ')"
        )
        assert await page.evaluate(order) == "mute balance toggle-captions languages more leave"
