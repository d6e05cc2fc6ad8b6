"""A tab of a Chromium as people have it: it can be hidden behind another one, and nothing keeps what happens in it.

Playwright's pages count as seen and in focus whatever is in front of them, and it holds on to what it was told of. Here
the DevTools protocol is spoken as it is, and little of it.
"""

import asyncio
import contextlib
import itertools
import json
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from tests.support.chromium import ARGUMENTS, CHROMIUM, EAVESDROP

START_S = 30
ANSWER_S = 20


class Devtools:
    """One connection to a tab, or to the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        # What the page's console and its scripts complained of.
        self.complaints: list[str] = []

    async def listen(self) -> None:
        """Take what comes until the socket closes."""
        async for frame in self._socket:
            message = json.loads(frame.data)
            if "id" in message:
                self._waiting.pop(message["id"]).set_result(message)
            elif message["method"] == "Runtime.exceptionThrown":
                self.complaints.append(message["params"]["exceptionDetails"]["text"])

    async def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Give the answer to a command.

        Raises:
            RuntimeError: the browser would not; its words.
        """
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        message = await asyncio.wait_for(answer, ANSWER_S)
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        result: dict[str, Any] = message["result"]
        return result


class Tab(Devtools):
    """A page. Made by `tab`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, http: aiohttp.ClientSession, target: str) -> None:
        super().__init__(socket)
        self._http = http
        self._target = target

    async def evaluate(self, script: str, argument: object = None) -> Any:
        """Give what an expression, or with an argument a function, comes to in the page."""
        expression = script if argument is None else f"({script})({json.dumps(argument)})"
        answer = await self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description", script))
        return answer["result"].get("value")

    async def until(self, script: str, limit_s: float = 30) -> None:
        """Wait until an expression is true in the page."""
        async with asyncio.timeout(limit_s):
            while not await self.evaluate(script):  # noqa: ASYNC110 - the page does not call us
                await asyncio.sleep(0.05)

    async def join(self, url: str, room: str, *, name: str, speaks: str, hears: str) -> None:
        """Go into a room, and wait until sound can flow."""
        await self.ask("Page.navigate", url=f"{url}/r/{room}?raw=1")
        menus = {"speak": speaks, "hear": hears}
        for menu, value in menus.items():
            await self.until(f"document.querySelector('#{menu} option[value=\"{value}\"]') !== null")
        await self.until("document.querySelector('#microphone option') !== null")
        await self.evaluate(
            """(values) => {
              for (const [id, value] of Object.entries(values)) {
                const field = document.getElementById(id);
                field.value = value;
                for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
              }
              document.getElementById('go').click();
            }""",
            {"name": name, **menus},
        )
        await self.until("document.documentElement.dataset.connection === 'connected'")

    @contextlib.asynccontextmanager
    async def hidden(self) -> AsyncIterator[None]:
        """Put another tab in front while the block runs."""
        async with self._http.put("/json/new?about:blank") as answer:
            other = (await answer.json(content_type=None))["id"]
        await self.until("document.visibilityState === 'hidden'")
        try:
            yield
        finally:
            async with self._http.get(f"/json/close/{other}"):
                pass
            async with self._http.get(f"/json/activate/{self._target}"):
                pass
            await self.until("document.visibilityState === 'visible'")


@contextlib.asynccontextmanager
async def tab(*, eavesdrops: bool = True, more: Sequence[str] = ()) -> AsyncIterator[tuple[Tab, Devtools]]:
    """Give the one tab of a Chromium whose microphone beeps, and the browser behind it.

    Its sound is on: browsers treat a page that plays something better when it is hidden. A tab that eavesdrops keeps
    its connections in `__peers`, and all that it hears, which grows.
    """
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="parley-chromium", ignore_cleanup_errors=True)))
        address, path = await stack.enter_async_context(_browser(folder, more))
        http = await stack.enter_async_context(aiohttp.ClientSession(f"http://{address}"))
        async with http.get("/json") as answer:
            found = next(each for each in await answer.json(content_type=None) if each["type"] == "page")
        page = Tab(await stack.enter_async_context(http.ws_connect(f"/devtools/page/{found['id']}")), http, found["id"])
        browser = Devtools(await stack.enter_async_context(http.ws_connect(path)))
        for end in (page, browser):
            await stack.enter_async_context(_listening(end))
        for domain in ("Page", "Runtime"):
            await page.ask(f"{domain}.enable")
        if eavesdrops:
            await page.ask("Page.addScriptToEvaluateOnNewDocument", source=EAVESDROP)
        yield page, browser


@contextlib.asynccontextmanager
async def _browser(folder: Path, more: Sequence[str]) -> AsyncIterator[tuple[str, str]]:
    """Start it. Gives where it can be reached, and the path of its own socket there."""
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        "--headless=new",
        "--remote-debugging-port=0",
        f"--user-data-dir={folder}",
        "--no-first-run",
        *ARGUMENTS,
        *more,
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    reading = None
    try:
        async with asyncio.timeout(START_S):
            while not (found := re.search(rb"ws://([^/]+)(/\S+)", await process.stderr.readline())):
                if process.stderr.at_eof():
                    raise RuntimeError("Chromium ended before it could be reached")
        # Otherwise it would stop when the pipe is full.
        reading = asyncio.create_task(process.stderr.read())
        yield found[1].decode(), found[2].decode()
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), START_S)
        if reading is not None:
            await reading


@contextlib.asynccontextmanager
async def _listening(end: Devtools) -> AsyncIterator[None]:
    task = asyncio.create_task(end.listen())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
