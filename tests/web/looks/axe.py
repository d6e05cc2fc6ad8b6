"""axe-core on a page: what it finds wrong for people who cannot see, hear or point."""

from importlib.resources import files
from typing import Any

from playwright.async_api import Page

# The rules of WCAG 2.2, A and AA, and those that axe's makers think good practice.
_SOURCE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

_RUN = """async (only) => {
  const found = await axe.run(document, {
    resultTypes: ['violations'],
    ...(only.length > 0 ? { runOnly: { type: 'rule', values: only } } : {}),
  });
  return found.violations.map(({ id, impact, help, nodes }) => ({
    id, impact, help, nodes: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
  }));
}"""


async def complaints(page: Page, *only: str) -> list[str]:
    """Give what axe complains of, in lines; `only` are ids of rules."""
    # Evaluated from outside, which the page's policy does not forbid; a script tag it would.
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(f"{_SOURCE}; null")
    found: list[dict[str, Any]] = await page.evaluate(_RUN, list(only))
    return [f"{one['impact']} {one['id']}: {one['help']}\n    {node}" for one in found for node in one["nodes"]]
