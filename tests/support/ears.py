"""What a page's ears hear: how loud each slot sounds at its `<audio>` element, every 10 ms, on the machine's clock."""

from collections.abc import Iterable, Mapping

from playwright.async_api import Page

LOUD_DB = -50.0
"""From this level on there is sound: any word of recordings and voices, and nothing that codecs make of silence."""

# Looks at the receivers of the connections that chromium.py's eavesdropper keeps. What an element plays is what it was
# given, less what the page has turned it down by.
_LISTEN = """
(loud) => {
  const context = new AudioContext();
  const slots = new Map();
  window.__marks = {};
  const attach = (mid, track) => {
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    slots.set(mid, { analyser, track, samples: new Float32Array(analyser.fftSize) });
    window.__marks[mid] ??= [];
  };
  const levelOf = ({ analyser, samples }, element) => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    const volume = !element || element.paused || element.muted ? 0 : element.volume;
    return 10 * Math.log10(power * volume * volume + 1e-12);
  };
  setInterval(() => {
    for (const peer of window.__peers) {
      for (const { mid, receiver } of peer.getTransceivers()) {
        if (receiver.track && mid !== null && slots.get(mid)?.track !== receiver.track) attach(mid, receiver.track);
      }
    }
  }, 50);
  setInterval(() => {
    const now = Date.now();
    for (const [mid, slot] of slots) {
      if (levelOf(slot, document.querySelector(`audio[data-mid="${mid}"]`)) > loud) window.__marks[mid].push(now);
    }
  }, 10);
}
"""

# Gives the moment of a press, in ms of the epoch, just before what comes of it.
_PRESS = "(element) => { const now = Date.now(); element.click(); return now; }"

# Gives the moment at which something is to be seen.
_SEEN = """
async ([selector, limitMs]) => {
  const began = Date.now();
  while (Date.now() - began < limitMs) {
    if (document.querySelector(selector)?.checkVisibility()) return Date.now();
    await new Promise((done) => setTimeout(done, 5));
  }
  return Infinity;
}
"""


class Ears:
    """Listens on one eavesdropped page. All times are milliseconds of the epoch."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def open(self) -> None:
        """Begin to listen; the page must be there."""
        await self._page.evaluate(_LISTEN, LOUD_DB)

    async def marks(self) -> Mapping[str, list[float]]:
        """Give the moments at which there was sound, by mid."""
        marks: Mapping[str, list[float]] = await self._page.evaluate("window.__marks")
        return marks

    async def heard(self, mids: Iterable[str], since_ms: float, until_ms: float = float("inf")) -> list[float]:
        """Give the moments in a span at which there was sound in one of some slots."""
        marks = await self.marks()
        return sorted(at for mid in mids for at in marks.get(mid, []) if since_ms <= at < until_ms)


async def press(page: Page, selector: str) -> float:
    """Press a button. Gives the moment before anything came of it."""
    at: float = await page.eval_on_selector(selector, _PRESS)
    return at


async def seen_at(page: Page, selector: str, limit_s: float = 5) -> float:
    """Wait until something is to be seen. Gives when that was; infinite if it never was."""
    at: float = await page.evaluate(_SEEN, [selector, limit_s * 1000])
    return at
