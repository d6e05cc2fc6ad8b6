"""A real Firefox, driven over WebDriver BiDi: nothing but the browser and a WebSocket."""

import asyncio
import base64
import contextlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp

START_S = 30
"""A first start makes a profile, on a busy machine for long."""

# A microphone that hums, no questions, media on loopback (only for who may use a microphone), and no calls home.
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "permissions.default.microphone": 1,
    "media.autoplay.default": 0,
    "media.peerconnection.ice.loopback": True,
    "media.gmp-manager.updateEnabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "intl.locale.requested": "en-US",
}

# Keeps every peer connection; the page's own code knows nothing of it.
_EAVESDROP = """() => {
  window.__peers = [];
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...settings) {
      super(...settings);
      window.__peers.push(this);
    }
  };
}"""

# Keys that have no letter, by their names in the DOM -> as WebDriver writes them.
_KEYS = {
    "Escape": "\ue00c",
    "Enter": "\ue007",
    "Tab": "\ue004",
    "Shift": "\ue008",
    "Space": " ",
    "ArrowUp": "\ue013",
    "ArrowDown": "\ue015",
}

_STATISTICS = """
Promise.all(window.__peers.map((peer) => peer.getStats())).then((all) => all.flatMap((one) => [...one.values()]))
"""


def program() -> str | None:
    """Find Firefox; None if it is not installed."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One tab. Made by `firefox`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0
        self._tab = ""

    async def open(self, url: str) -> None:
        """Go to a page, and wait until it is loaded."""
        await self.command("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """Give what a JavaScript expression comes to, or the promise that it is, in the page.

        Raises:
            RuntimeError: it threw.
        """
        wrapped = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        answer = await self.command(
            "script.evaluate", expression=wrapped, target={"context": self._tab}, awaitPromise=True
        )
        if answer["type"] != "success":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    async def until(self, expression: str, *, limit_s: float = 10) -> None:
        """Wait until an expression is true in the page.

        Raises:
            TimeoutError: it did not become true in time.
        """
        async with asyncio.timeout(limit_s):
            while not await self.evaluate(expression):  # noqa: ASYNC110 - the page tells nobody
                await asyncio.sleep(0.1)

    async def click(self, selector: str) -> None:
        """Press with the pointer what a selector finds, in its middle.

        Raises:
            RuntimeError: there is none, or it cannot be brought into sight.
        """
        where = await self.evaluate(
            f"""((element) => {{
              element.scrollIntoView({{ block: 'nearest', inline: 'nearest', behavior: 'instant' }});
              const {{ x, y, width, height }} = element.getBoundingClientRect();
              return [Math.round(x + width / 2), Math.round(y + height / 2)];
            }})(document.querySelector({json.dumps(selector)}))"""
        )
        await self._act(
            {
                "type": "pointer",
                "id": "mouse",
                "actions": [
                    {"type": "pointerMove", "x": where[0], "y": where[1]},
                    {"type": "pointerDown", "button": 0},
                    {"type": "pointerUp", "button": 0},
                ],
            }
        )

    async def press(self, *keys: str) -> None:
        """Press keys, all down and then all up: by their names in the DOM."""
        values = [_KEYS.get(key, key) for key in keys]
        actions = [{"type": "keyDown", "value": value} for value in values]
        actions += [{"type": "keyUp", "value": value} for value in reversed(values)]
        await self._act({"type": "key", "id": "keyboard", "actions": actions})

    async def resize(self, width: int, height: int) -> None:
        """Give the page another size."""
        await self.command(
            "browsingContext.setViewport", context=self._tab, viewport={"width": width, "height": height}
        )

    async def screenshot(self, path: Path) -> None:
        """Keep a picture of what is seen, as PNG."""
        answer = await self.command("browsingContext.captureScreenshot", context=self._tab)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(answer["data"]))

    async def _act(self, source: dict[str, Any]) -> None:
        await self.command("input.performActions", context=self._tab, actions=[source])

    async def statistics(self) -> list[dict[str, Any]]:
        """Give all of the browser's own statistics, of every peer connection."""
        found: list[dict[str, Any]] = await self.evaluate(_STATISTICS)
        return found

    async def begin(self) -> str:
        """Begin the session; returns the browser's version."""
        session = await self.command("session.new", capabilities={})
        tree = await self.command("browsingContext.getTree")
        self._tab = tree["contexts"][0]["context"]
        await self.command("script.addPreloadScript", functionDeclaration=_EAVESDROP)
        return str(session["capabilities"]["browserVersion"])

    async def command(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send one command, and wait for its answer; events are passed over.

        Raises:
            RuntimeError: Firefox refused; the message says why.
            TimeoutError: no answer within 30 s.
        """
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "method": method, "params": parameters})
        async with asyncio.timeout(30):
            while (answer := await self._socket.receive_json()).get("id") != self._asked:
                pass
        if answer["type"] != "success":
            raise RuntimeError(f"{method}: {answer.get('message', answer)}")
        result: dict[str, Any] = answer["result"]
        return result


@contextlib.asynccontextmanager
async def firefox(preferences: Mapping[str, str | int | bool] | None = None) -> AsyncIterator[Firefox]:
    """Start a Firefox with a profile of its own, and preferences beside `PREFERENCES`; it is ended with the block.

    Raises:
        FileNotFoundError: it is not installed.
    """
    found = program()
    if found is None:
        raise FileNotFoundError("Firefox is not installed")
    async with contextlib.AsyncExitStack() as stack:
        profile = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});"
            for name, value in {**PREFERENCES, **(preferences or {})}.items()
        ]
        (profile / "user.js").write_text("\n".join(lines))
        address = await stack.enter_async_context(_running(found, profile))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        browser = Firefox(await stack.enter_async_context(http.ws_connect(f"{address}/session", max_msg_size=0)))
        await browser.begin()
        yield browser
        await browser.command("browser.close")


@contextlib.asynccontextmanager
async def _running(found: str, profile: Path) -> AsyncIterator[str]:
    """Run the program; give the address at which it takes commands."""
    arguments = ("--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0", "about:blank")
    process = await asyncio.create_subprocess_exec(
        found, *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(START_S):
            while b"BiDi listening on " not in (line := await process.stderr.readline()):
                if not line:
                    raise RuntimeError("Firefox ended before it took commands")
        # Nobody reads on: what it says must not fill the pipe.
        reading = asyncio.create_task(_pass_over(process.stderr))
        yield line.decode().rpartition("listening on ")[2].strip()
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 5)
        if process.returncode is None:
            process.kill()
            await process.wait()
    await reading


async def _pass_over(lines: asyncio.StreamReader) -> None:
    while await lines.read(65_536):
        pass
