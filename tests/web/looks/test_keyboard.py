"""The whole way through the page without a pointer: each stop can be seen, none is a trap, and focus comes back."""

from typing import Any

import pytest

from tests.support.until import until
from tests.web.conftest import Visiting
from tests.web.stage import ROOM, ChromiumStage
from tests.web.states import offer_languages

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Which element has the focus, and whether that can be seen: by an outline on it, or on what stands for it.
_FOCUSED = """() => {
  const has = (e) => {
    const { outlineStyle, outlineWidth } = e ? getComputedStyle(e) : { outlineStyle: 'none' };
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  };
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const around = [e, e.nextElementSibling, e.parentElement, e.closest('label'), e.closest('.person')];
  const { bottom, right, top, left } = e.getBoundingClientRect();
  const inSight = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
  // A title takes it only to be read out; nothing can be done with it.
  const seen = (e.tabIndex < 0 || around.some(has)) && inSight;
  return { name: e.id || e.getAttribute('name') || e.className || e.tagName, seen };
}"""


class Keys:
    """Somebody with a keyboard only."""

    def __init__(self, stage: ChromiumStage) -> None:
        self._stage = stage

    async def focused(self) -> str:
        """Give the name of what has the focus, which must be seen; '' if it is nothing."""
        found: dict[str, Any] | None = await self._stage.run(f"({_FOCUSED})()")
        if found is None:
            return ""
        assert found["seen"], f"nobody sees that {found['name']} has the focus"
        return str(found["name"])

    async def go(self, name: str, *, key: str = "Tab") -> list[str]:
        """Press Tab until something has the focus; gives what was passed.

        Raises:
            AssertionError: it was not reached, so something keeps the focus, or it cannot be reached.
        """
        passed: list[str] = []
        for _ in range(60):
            await self._stage.press(key)
            now = await self.focused()
            if now == name:
                return passed
            passed.append(now)
        raise AssertionError(f"{name} is not reached by {key}; passed: {passed}")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self._stage.press(key)


async def arrive(stage: ChromiumStage, keys: Keys) -> None:
    """From the first page into the room: each thing in the order in which it is asked for."""
    # What the address says goes along into the room: here that I am a host.
    await stage.open(f"/?token={stage.door.token(ROOM, 'bea', role='host')}")
    await stage.eventually("document.querySelector('#enter') !== null && document.readyState === 'complete'")
    if await keys.focused() != "room":
        await keys.go("room")
    await stage.page.keyboard.type("demo")
    await keys.press("Enter")
    await stage.page.wait_for_url("**/r/demo?*")
    await stage.shown("#join")
    await stage.eventually("document.activeElement.id === 'name'")
    await stage.page.keyboard.type("Bea")
    passed = await keys.go("go")
    assert passed[:2] == ["speak", "hear"] or passed[:2] == ["speak-text", "hear-text"], passed
    await keys.press("Enter")
    await stage.shown("#call")
    await stage.eventually("document.documentElement.dataset.connection === 'connected'")


async def use_the_bar(stage: ChromiumStage, keys: Keys) -> None:
    """Each control of the bar, in its order, and back from what it opened."""
    await stage.eventually("document.activeElement.id === 'mute'")
    (me,) = [one for one in stage.room.participants.values() if one.info.name == "Bea"]
    await keys.press("Enter")
    await until(lambda: me.info.muted)

    assert await keys.go("balance") == []
    await keys.press("Enter")
    await stage.shown("#balance-panel")
    if await keys.focused() != "balance-slider":
        await keys.go("balance-slider")
    before = await stage.run("document.querySelector('#balance-slider').value")
    await keys.press("ArrowLeft")
    assert await stage.run("document.querySelector('#balance-slider').value") != before
    await keys.press("Escape")
    await stage.gone("#balance-panel")
    assert await keys.focused() == "balance"

    assert await keys.go("toggle-captions") == []
    await keys.press("Enter")
    await stage.gone("#captions-panel")
    await keys.press("Enter")
    await stage.shown("#captions-panel")

    await keys.go("toggle-hosting")
    await keys.press("Enter")
    await stage.shown("#hosting")
    await keys.press("Escape")
    await stage.gone("#hosting")
    assert await keys.focused() == "toggle-hosting"

    assert await keys.go("languages") == []
    await keys.press("Enter")
    await stage.shown("#change")
    # A dialog keeps the focus among its own things, all of which are reached.
    inside = [await keys.focused()]
    for _ in range(8):
        await keys.press("Tab")
        inside.append(await keys.focused())
    script = "(names) => names.filter((name) => name && !document.getElementById(name)?.closest('#change'))"
    assert await stage.page.evaluate(script, [name for name in inside if name.startswith("change")]) == []
    await keys.press("Escape")
    await stage.gone("#change")
    assert await keys.focused() == "languages"

    assert await keys.go("more") == []
    await keys.press("Enter")
    await stage.shown("#more-menu")
    await keys.press("Escape")
    await stage.gone("#more-menu")
    assert await keys.focused() == "more"


async def test_without_a_pointer(visit: Visiting) -> None:
    """In, through all that there is to do, out, and in again."""
    async with visit(viewport={"width": 1440, "height": 900}, reduced_motion="reduce") as visiting:
        stage = ChromiumStage(visiting.page, visiting.door)
        keys = Keys(stage)
        offer_languages(stage)
        await arrive(stage, keys)
        stage.add("anna", "Anna", "en", "en")
        await stage.shown("[data-participant=anna]")
        await use_the_bar(stage, keys)

        # Round the whole page: nothing keeps the focus, and nothing is left out.
        stops = await keys.go("more")
        for name in ("leave", "share", "captions", "open-find", "mute", "languages"):
            assert name in stops, f"{name} is not reached: {stops}"

        assert await keys.go("leave") == []
        await keys.press("Enter")
        await stage.shown("#ended")
        assert await stage.run("document.activeElement.id") == "ended-title"
        assert await keys.go("rejoin") == []
        await keys.press("Enter")
        await stage.shown("#call")
        await stage.eventually("document.activeElement.id === 'mute'")
        await stage.leave()
