"""Windows of one Chromium, one after the other: each finds nothing of those before it, and costs half a new browser's.

A browser context whose last page is closed gives up most of what it has loaded, so a page in a new context takes twice
the processor time of one in a context where another page is still open. Contexts are kept, with an empty page in each.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page

IDLE = 4
"""So many contexts that nobody uses are kept; then the one that was used longest ago goes."""


@dataclass
class _Profile:
    """A context between two uses of it."""

    context: BrowserContext
    # Empty, and open as long as the context is.
    keeper: Page
    options: dict[str, Any]

    async def clear(self) -> None:
        """Close the pages and forget all that they, and their server, have left."""
        pages = [page for page in self.context.pages if page is not self.keeper]
        origins = {urlsplit(page.url)._replace(path="", query="", fragment="").geturl() for page in pages}
        for page in pages:
            await page.close()
        browser = await self.context.new_cdp_session(self.keeper)
        for origin in origins:
            if origin.startswith("http"):
                await browser.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        await browser.detach()
        await self.context.clear_cookies()
        await self.context.clear_permissions()
        if "permissions" in self.options:
            await self.context.grant_permissions(self.options["permissions"])
        await self.context.unroute_all()
        await self.context.set_offline(False)


class Windows:
    """Opens them. They are of one event loop; the browser's owner closes it."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        # The one used last at the end.
        self._idle: list[_Profile] = []

    @contextlib.asynccontextmanager
    async def open(self, **options: Any) -> AsyncIterator[Page]:
        """Give a page in a context with these options, alone in it. After a failure the context is not used again."""
        profile = self._take(options) or await self._make(options)
        done = False
        try:
            yield await profile.context.new_page()
            await profile.clear()
            done = True
        finally:
            if not done:
                await profile.context.close()
        self._idle.append(profile)
        if len(self._idle) > IDLE:
            await self._idle.pop(0).context.close()

    def _take(self, options: dict[str, Any]) -> _Profile | None:
        found = next((profile for profile in self._idle if profile.options == options), None)
        if found is not None:
            self._idle.remove(found)
        return found

    async def _make(self, options: dict[str, Any]) -> _Profile:
        context = await self._browser.new_context(**options)
        return _Profile(context, await context.new_page(), options)
