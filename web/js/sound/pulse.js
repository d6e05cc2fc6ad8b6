// Whether anything still comes over a connection, known sooner than the browser says so.
//
// A browser calls a connection disconnected some 6 s after the last packet. But even when nobody speaks the server reports
// about the microphone every second or so, and answers the browser's checks (every 2.5 s in Chromium, every 5 s elsewhere):
// a silence that is longer than most before tells the same earlier. It is only told; nothing is given up for it.

// Milliseconds between two looks.
const LOOK = 1000;
// A look that comes so much later than the last one was the page's fault.
const ASLEEP = 3000;
// The shortest silence that is told, and by how much it must exceed three of four so far.
const SHORTEST = 3000;
const MARGIN = 1.2;
const USUAL = 0.75;
// Signs of life that are watched before anything is told, and that are remembered; then the oldest goes.
const KNOWN = 2;
const KEPT = 30;

/** Watches one connection from when it is up. */
export class Pulse {
  /** `onSilent(isSilent)` is told when nothing comes any more, and when something does again. */
  constructor(peer, onSilent) {
    this._peer = peer;
    this._onSilent = onSilent;
    this._count = 0;
    // The silences before the last signs of life, in milliseconds.
    this._silences = [];
    this._lastAt = performance.now();
    this._lookedAt = this._lastAt;
    this._isSilent = false;
    this._timer = setInterval(() => this._look(), LOOK);
  }

  close() {
    clearInterval(this._timer);
    this._peer = null;
  }

  async _look() {
    const now = performance.now();
    const slept = now - this._lookedAt > ASLEEP;
    this._lookedAt = now;
    const count = await this._received();
    if (!this._peer) return;
    const silence = now - this._lastAt;
    // Less than before is a sign as well: the browser gave up a candidate and its count.
    if (count !== this._count) this._alive(count, now, silence);
    else if (slept) this._lastAt = now;
    else if (this._silences.length >= KNOWN && silence > Math.max(SHORTEST, MARGIN * this._usual())) this._tell(true);
  }

  _usual() {
    const sorted = [...this._silences].sort((a, b) => a - b);
    return sorted[Math.floor(USUAL * (sorted.length - 1))];
  }

  _alive(count, now, silence) {
    this._silences.push(silence);
    if (this._silences.length > KEPT) this._silences.shift();
    this._count = count;
    this._lastAt = now;
    this._tell(false);
  }

  _tell(isSilent) {
    if (isSilent === this._isSilent) return;
    this._isSilent = isSilent;
    this._onSilent(isSilent);
  }

  /** Counts packets of sound, reports, and answers to checks. */
  async _received() {
    let count = 0;
    const statistics = await this._peer.getStats();
    for (const { type, packetsReceived, responsesReceived, roundTripTimeMeasurements } of statistics.values()) {
      if (type === 'inbound-rtp') count += packetsReceived ?? 0;
      else if (type === 'candidate-pair') count += responsesReceived ?? 0;
      else if (type === 'remote-inbound-rtp') count += roundTripTimeMeasurements ?? 0;
    }
    return count;
  }
}
