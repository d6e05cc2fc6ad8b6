"""Every state of the page at phone and desktop size, light and dark: accessible, nothing cut, kept as a picture."""

import pytest

from tests.support.source_tree import ROOT
from tests.web.conftest import Visiting
from tests.web.looks.axe import complaints
from tests.web.stage import ChromiumStage
from tests.web.states import SCENES, offer_languages

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = ROOT / "artefacts" / "page" / "chromium"
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
ALL = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]
# One look a state in the quick run, by turns; two that follow each other differ in size and scheme.
TURNS = ([("phone", "light")], [("desktop", "dark")], [("phone", "dark")], [("desktop", "light")])

# Texts that stand out of their own control, and controls too small for a finger.
_CUT = """() => {
  const seen = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const of = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  const name = (e) => `${e.id ? '#' + e.id : e.className} ${e.textContent.trim().slice(0, 40)}`;
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  // A badge stands out on purpose.
  const cut = of('button:not(:has(.badge:not([hidden]))), .button span').filter((e) =>
    e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1 && getComputedStyle(e).display !== 'inline');
  const small = of('button, .button, select, input:not([type=radio], [type=checkbox], [type=range])').filter((e) => {
    const { width, height } = e.getBoundingClientRect();
    return width > 1 && (width < 24 || height < 24);
  });
  return [
    ...(wide > 0 ? [`scrolls sideways by ${wide} pixels`] : []),
    ...cut.map((e) => `cut: ${name(e)}`),
    ...small.map((e) => `small: ${name(e)}`),
  ];
}"""


async def cut(stage: ChromiumStage) -> list[str]:
    """Give what stands out of its place, or is too small."""
    found: list[str] = await stage.run(f"({_CUT})()")
    return found


# What may differ from one look at a state to the other.
LOOKS_ONLY = ("color-contrast", "target-size", "scrollable-region-focusable")


async def look(stage: ChromiumStage, name: str, size: str, scheme: str, rules: tuple[str, ...]) -> list[str]:
    """Look at a state in one way; gives what is wrong with it by these rules, by all if none is named."""
    page = stage.page
    if page.viewport_size != SIZES[size]:
        await page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
        # The bar is folded in the next frame, if it has become narrower.
        await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    folder = PICTURES / f"{size}-{scheme}"
    await page.screenshot(path=folder / f"{name}.png", animations="disabled")
    found = [*await cut(stage), *await complaints(page, *rules)]
    if name == "overlay":  # a picture over another, in which nothing is a chapter
        found = [line for line in found if "page-has-heading-one" not in line]
    return [f"{name} {size} {scheme}: {line}" for line in found]


async def look_at_all(visit: Visiting, scene: str, turns: tuple[list[tuple[str, str]], ...]) -> None:
    async with visit(viewport=SIZES["phone"], reduced_motion="reduce") as visiting:
        stage = ChromiumStage(visiting.page, visiting.door)
        offer_languages(stage)
        found = []
        turn = 0
        try:
            async for name in SCENES[scene](stage):
                for nth, (size, scheme) in enumerate(turns[turn % len(turns)]):
                    found += await look(stage, name, size, scheme, LOOKS_ONLY if nth else ())
                turn += 1
        except TimeoutError as error:
            error.add_note("\n".join([*visiting.complaints, *found]))
            raise
        await stage.leave()
        visiting.complaints[:] = [line for line in visiting.complaints if "net::ERR" not in line]
        assert not found, "\n".join(found)


@pytest.mark.parametrize("scene", SCENES)
async def test_every_state(visit: Visiting, scene: str) -> None:
    """Each state at one size and in one scheme, by turns."""
    await look_at_all(visit, scene, TURNS)


@pytest.mark.soak
@pytest.mark.parametrize("scene", SCENES)
async def test_every_state_in_every_way(visit: Visiting, scene: str) -> None:
    """The full table."""
    await look_at_all(visit, scene, (ALL,))
