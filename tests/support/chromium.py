"""Real browsers: Chromium with a recording for a microphone, and what its slots played, taken from the page."""

import asyncio
import base64
import contextlib
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Browser, Page, Playwright, async_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
)

# Keeps every peer connection and records every track that comes in; the page's own code knows nothing of it.
EAVESDROP = """
window.__peers = [];
window.__recorders = {};
window.__negotiations = 0;
const Native = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Native {
  constructor(...settings) {
    super(...settings);
    window.__peers.push(this);
    // A track is unmuted when its first packet comes; one that stays silent is not recorded.
    this.addEventListener('track', ({ track, transceiver }) => track.addEventListener('unmute', () => {
      if (window.__recorders[transceiver.mid]) return;
      const recorder = new MediaRecorder(new MediaStream([track]), {
        mimeType: 'audio/webm;codecs=opus', audioBitsPerSecond: 64000,
      });
      const pieces = [];
      recorder.ondataavailable = ({ data }) => pieces.push(data);
      const entry = { transceiver, recorder, pieces, startedAt: 0 };
      window.__recorders[transceiver.mid] = entry;
      recorder.onstart = () => { entry.startedAt = Date.now(); };
      recorder.start();
    }));
  }
  setRemoteDescription(...description) {
    window.__negotiations += 1;
    return super.setRemoteDescription(...description);
  }
};
window.__recorded = async () => {
  const all = {};
  for (const entry of Object.values(window.__recorders)) {
    if (entry.recorder.state !== 'inactive') {
      const stopped = new Promise((done) => entry.recorder.addEventListener('stop', done, { once: true }));
      entry.recorder.stop();
      await stopped;
    }
    const bytes = new Uint8Array(await new Blob(entry.pieces).arrayBuffer());
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    all[entry.transceiver.mid] = { startedAt: entry.startedAt, data: btoa(text) };
  }
  return all;
};
window.__inbound = async () => {
  const all = {};
  for (const peer of window.__peers) {
    (await peer.getStats()).forEach((s) => { if (s.type === 'inbound-rtp') all[s.mid] = { ...s }; });
  }
  return all;
};
window.__statistics = async () => {
  const all = [];
  for (const peer of window.__peers) (await peer.getStats()).forEach((s) => { all.push({ ...s }); });
  return all;
};
"""


@contextlib.asynccontextmanager
async def playwright() -> AsyncIterator[Playwright]:
    """Run Playwright's driver."""
    async with async_playwright() as driver:
        yield driver


async def launch(
    driver: Playwright,
    microphone: Path | None = None,
    *,
    repeats: bool = False,
    program: str | Path = CHROMIUM,
    more: Sequence[str] = (),
    less: Sequence[str] = (),
) -> Browser:
    """Start a Chromium of its own, whose microphone plays a WAV once (then silence), or beeps without one.

    With `repeats` the WAV begins again at its end. `program` may be a script that starts Chromium in a network of its
    own; `more` are arguments for it, `less` those of Playwright's that it does without.
    """
    arguments = [*ARGUMENTS, *more]
    if microphone is not None:
        arguments.append(f"--use-file-for-fake-audio-capture={microphone}{'' if repeats else '%noloop'}")
    return await driver.chromium.launch(executable_path=program, args=arguments, ignore_default_args=list(less))


async def eavesdropped_page(browser: Browser, **context: Any) -> Page:
    """Open a page that also records what comes in on each of its slots."""
    page = await (await browser.new_context(locale="en-US", **context)).new_page()
    await page.add_init_script(EAVESDROP)
    return page


class Recorded(dict[str, "Track"]):
    """What each m-line played, by mid."""


class Track:
    """The sound of one m-line from its beginning on: 48 kHz mono."""

    def __init__(self, started_at_ms: float, samples: NDArray[np.int16]) -> None:
        self.started_at_ms = started_at_ms
        self.samples = samples


def _decode(webm: bytes) -> NDArray[np.int16]:
    pieces = []
    with av.open(io.BytesIO(webm), "r") as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
        for frame in container.decode(audio=0):
            pieces += [out.to_ndarray().reshape(-1) for out in resampler.resample(frame)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)


async def recorded(page: Page) -> Recorded:
    """Stop recording and give what was heard."""
    raw: Mapping[str, dict[str, Any]] = await page.evaluate("window.__recorded()")
    # A minute of several tracks: not on the event loop.
    sounds = await asyncio.to_thread(lambda: [_decode(base64.b64decode(entry["data"])) for entry in raw.values()])
    return Recorded({mid: Track(raw[mid]["startedAt"], sound) for mid, sound in zip(raw, sounds, strict=True)})


async def negotiations(page: Page) -> int:
    """Count how often the page took an SDP description from the server."""
    count: int = await page.evaluate("window.__negotiations")
    return count


async def inbound(page: Page) -> Mapping[str, dict[str, Any]]:
    """Give the browser's own inbound-rtp statistics, by mid."""
    statistics: Mapping[str, dict[str, Any]] = await page.evaluate("window.__inbound()")
    return statistics


async def statistics(page: Page) -> list[dict[str, Any]]:
    """Give all of the browser's own statistics, of every peer connection."""
    found: list[dict[str, Any]] = await page.evaluate("window.__statistics()")
    return found
