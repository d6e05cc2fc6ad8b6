"""Somebody who uses the page: a Chromium of their own, what they do in it, and what they see and hear."""

import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Playwright, WebSocket

from tests.support.chromium import eavesdropped_page, inbound, launch

# Chooses another language to hear, then watches every 10 ms which slots still get packets. Times are ms from the click.
_SWITCH = """
async ([language, watchedMs]) => {
  document.querySelector('#languages').click();
  const menu = document.querySelector('#change-hear');
  menu.value = language;
  menu.dispatchEvent(new Event('change', { bubbles: true }));
  const counts = new Map();
  const last = {}, first = {};
  const read = async () => {
    const found = [];
    for (const peer of window.__peers) {
      (await peer.getStats()).forEach((s) => { if (s.type === 'inbound-rtp') found.push([s.mid, s.packetsReceived]); });
    }
    return found;
  };
  for (const [mid, count] of await read()) counts.set(mid, count);
  const began = performance.now();
  document.querySelector('#change button[value=save]').click();
  while (performance.now() - began < watchedMs) {
    for (const [mid, count] of await read()) {
      const now = performance.now() - began;
      if (count > (counts.get(mid) ?? 0)) { last[mid] = now; first[mid] ??= now; }
      counts.set(mid, count);
    }
    await new Promise((done) => setTimeout(done, 10));
  }
  return { first, last };
}
"""

_CHOOSE = """(menu, value) => {
  menu.value = value;
  menu.dispatchEvent(new Event('change', { bubbles: true }));
}"""


@dataclass
class Visitor:
    """One person at a browser."""

    page: Page
    # Messages of the signaling socket with the epoch seconds at which they came.
    told: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def join(self, url: str, room: str, *, name: str, speaks: str, hears: str) -> None:
        """Go in, and wait until sound can flow."""
        await self.enter(url, room, name=name, speaks=speaks, hears=hears)
        # A selector, since the page's policy forbids to evaluate a condition in it.
        await self.page.wait_for_selector("html[data-connection=connected]", state="attached")

    async def enter(self, url: str, room: str, *, name: str, speaks: str, hears: str, query: str = "") -> None:
        """Fill in the form and go in."""
        await self.fill_in(url, room, name=name, speaks=speaks, hears=hears, query=query)
        await self.page.click("#go")
        await self.page.wait_for_selector("#call:not([hidden])")

    async def fill_in(self, url: str, room: str, *, name: str, speaks: str, hears: str, query: str = "") -> None:
        """Fill in the form, with the browser's sound processing off: the recording is heard as it is."""
        await self.page.goto(f"{url}/r/{room}?raw=1{query}")
        await self.page.wait_for_selector("#join:not([hidden])")
        # Who goes in before the browser has opened the microphone goes in to listen.
        opened = "#microphone option, #microphone-problem:not([hidden])"
        await self.page.wait_for_selector(opened, state="attached")
        await self.page.fill("#name", name)
        await self.choose("#speak", speaks)
        await self.choose("#hear", hears)

    async def choose(self, menu: str, value: str) -> None:
        """Choose from a menu. What the page shows in its place is the matter of the page's own tests."""
        await self.page.wait_for_selector(f'{menu} option[value="{value}"]', state="attached")
        await self.page.eval_on_selector(menu, _CHOOSE, value)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Give the messages of one type so far."""
        return [message for _, message in self.told if message["type"] == kind]

    @property
    def participant_id(self) -> str:
        return str(self.events("joined")[0]["participant_id"])

    def mids(self, kind: str) -> set[str]:
        """Give the m-lines of one kind of slot."""
        return {slot["mid"] for slot in self.events("answer")[0]["slots"] if slot["kind"] == kind}

    def finals(self, since: int = 0) -> list[dict[str, Any]]:
        """Give the committed captions with words in them, in the order of what was said."""
        return [message for message in self.events("caption")[since:] if message["is_final"] and message["text"]]

    async def captions_shown(self) -> list[str]:
        """Give the lines in the captions panel."""
        shown: list[str] = await self.page.eval_on_selector_all(
            "#captions .line .text", "lines => lines.map((line) => line.textContent)"
        )
        return shown

    async def packets(self, kind: str) -> int:
        """Count what came in on the slots of one kind."""
        statistics = await inbound(self.page)
        return sum(statistics[mid]["packetsReceived"] for mid in self.mids(kind) if mid in statistics)

    async def hear_instead(
        self, language: str, watched_ms: int = 1500
    ) -> tuple[Mapping[str, float], Mapping[str, float]]:
        """Choose another language to hear. Gives, by mid, when packets first and last came, in ms from the click."""
        seen = await self.page.evaluate(_SWITCH, [language, watched_ms])
        return seen["first"], seen["last"]


@contextlib.asynccontextmanager
async def visitor(driver: Playwright, microphone: Path | None, **launching: Any) -> AsyncIterator[Visitor]:
    """Give somebody whose microphone plays a WAV once, or beeps. `launching` is as in `launch`."""
    browser = await launch(driver, microphone, **launching)
    try:
        page = await eavesdropped_page(browser)
        person = Visitor(page)

        def listen(socket: WebSocket) -> None:
            def take(payload: str | bytes) -> None:
                person.told.append((time.time(), json.loads(payload)))

            socket.on("framereceived", take)

        page.on("websocket", listen)
        page.on("pageerror", lambda error: person.complaints.append(str(error)))
        yield person
    finally:
        await browser.close()
