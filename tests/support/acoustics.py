"""A microphone in a room with loudspeakers: what somebody says into it, and what of their page's sound comes back.

It takes the place of the browser's own, which can only play a file: the page is given a track on which are mixed the
recordings that it is told to say, and what all its slots play, as late and as faint as it comes through the air.
"""

import base64
import io
import wave

from playwright.async_api import Page

from tests.support.recordings import SAMPLE_RATE, Samples

NOISE_DB = -65.0
"""Of any room."""

# To be run before the page's own scripts, behind the eavesdropper of chromium.py, which keeps the connections.
_ROOM = """
(() => {
  const [leakDb, delayMs, noiseDb] = SETTINGS;
  let room = null;
  const amplitude = (db) => 10 ** (db / 20);
  const noise = (context) => {
    const buffer = context.createBuffer(1, 5 * context.sampleRate, context.sampleRate);
    const samples = buffer.getChannelData(0);
    // Even between two bounds, whose power is a third of their square.
    const most = Math.sqrt(3) * amplitude(noiseDb);
    for (let i = 0; i < samples.length; i += 1) samples[i] = (2 * Math.random() - 1) * most;
    const source = new AudioBufferSourceNode(context, { buffer, loop: true });
    source.start();
    return source;
  };
  const build = () => {
    const context = new AudioContext({ sampleRate: 48000 });
    const microphone = context.createMediaStreamDestination();
    noise(context).connect(microphone);
    const air = new DelayNode(context, { delayTime: delayMs / 1000, maxDelayTime: 1 });
    const loudspeakers = new GainNode(context, { gain: amplitude(leakDb) });
    loudspeakers.connect(air).connect(microphone);
    return { context, microphone, loudspeakers, tracks: new Set() };
  };
  navigator.mediaDevices.getUserMedia = async ({ audio }) => {
    window.__asked = audio;
    room ??= build();
    return new MediaStream(room.microphone.stream.getAudioTracks().map((track) => track.clone()));
  };
  setInterval(() => {
    if (!room || leakDb === null) return;
    for (const peer of window.__peers) {
      for (const { receiver } of peer.getTransceivers()) {
        if (!receiver.track || room.tracks.has(receiver.track)) continue;
        room.tracks.add(receiver.track);
        room.context.createMediaStreamSource(new MediaStream([receiver.track])).connect(room.loudspeakers);
      }
    }
  }, 50);
  window.__say = async (wav) => {
    const bytes = Uint8Array.from(atob(wav), (character) => character.charCodeAt(0));
    const buffer = await room.context.decodeAudioData(bytes.buffer);
    const source = new AudioBufferSourceNode(room.context, { buffer });
    source.connect(room.microphone);
    source.start();
    const begins = Date.now();
    await new Promise((done) => { source.onended = done; });
    return [begins, Date.now()];
  };
})();
"""


async def furnish(page: Page, *, leak_db: float | None = -12.0, delay_ms: float = 150) -> None:
    """Put the page's next document into such a room. Without `leak_db` its user wears headphones."""
    leak = "null" if leak_db is None else str(leak_db)
    await page.add_init_script(_ROOM.replace("SETTINGS", f"[{leak}, {delay_ms}, {NOISE_DB}]"))


async def say(page: Page, samples: Samples) -> tuple[float, float]:
    """Say 16 kHz mono into the microphone, and wait until it is said. Gives from when till when, in ms of the epoch."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(SAMPLE_RATE)
        wav.writeframes(samples.tobytes())
    begins, ends = await page.evaluate("(wav) => window.__say(wav)", base64.b64encode(file.getvalue()).decode())
    return begins, ends


async def asked_for(page: Page) -> dict[str, object]:
    """Give what the page asked of the microphone last."""
    audio: dict[str, object] = await page.evaluate("window.__asked")
    return audio
