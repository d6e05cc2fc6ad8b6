// When a translated voice begins to sound here: the server says which packet is the first of a clause, the browser which
// one it plays. What is reported counts to where the browser knows of the sound, its way to the loudspeaker included
// where it tells that (Chromium).

// Between two looks while something is awaited, in milliseconds. Each packet has 20 ms of sound.
const LOOK = 20;
// What has not sounded so long after its packet left will not: it was lost, or nothing plays.
const LATEST = 8000;
// A packet that sounds is so much behind the awaited one at most, in seconds; else it is of something else.
const NEAR = 4;
// The RTP clock of Opus.
const RATE = 48000;
const WRAPS = 2 ** 32;
// Clauses that are awaited at once; then the oldest is given up.
const MOST = 32;
// By how much sound may be ahead of the word that announces it, or behind its own stamp, in milliseconds: what differs by more
// is measured by two clocks that do not agree.
const AHEAD = 1000;
// The way to the loudspeaker is asked for anew after so long, in milliseconds.
const STALE = 10000;

/** How far one RTP timestamp is behind another, in samples; negative if it is ahead. */
export function behind(timestamp, other) {
  const distance = (other - timestamp + WRAPS) % WRAPS;
  return distance < WRAPS / 2 ? distance : distance - WRAPS;
}

/**
 * Which packet sounds, if it is the awaited one or comes behind it, by what a receiver says of its sources: `at`, when it began
 * to (epoch milliseconds), and by how many milliseconds of sound it is behind. Null if the awaited one has not sounded yet.
 */
export function soundingPacket(sources, awaited) {
  for (const { rtpTimestamp, timestamp } of sources) {
    const samples = behind(awaited, rtpTimestamp);
    if (samples >= 0 && samples < NEAR * RATE) return { at: timestamp, behind: (samples / RATE) * 1000 };
  }
  return null;
}

/**
 * How long ago the awaited packet began to sound, in milliseconds. Sources are stamped with the time of day as it was when the
 * browser started, and counted on; after the computer slept, or its clock was set, that is another time than the page's. Then
 * what sounds is taken to have begun now. `awaitedFor`: since when it was announced.
 */
export function soundedAgo(sounding, now, awaitedFor) {
  const ago = now - sounding.at + sounding.behind;
  return ago > -AHEAD && ago < awaitedFor + AHEAD ? ago : sounding.behind;
}

/** Watches what is awaited, and nothing while nothing is. */
export class Ears {
  /** `peer()` gives the connection in use or null, `isPlaying(mid)` whether its sound is played, `send` takes messages. */
  constructor({ peer, isPlaying, send }) {
    this._peer = peer;
    this._isPlaying = isPlaying;
    this._send = send;
    // { mid, timestamp, since, report }
    this._awaited = [];
    this._timer = null;
    // From being mixed to the loudspeaker, in milliseconds; totals of the last look; when that was.
    this._output = { milliseconds: 0, delay: 0, samples: 0, at: -Infinity };
  }

  /** Takes the server's word that a clause's first packet has left. */
  expect({ mid, utterance_id: utterance, clause, language, rtp_timestamp: timestamp }) {
    if (!('getSynchronizationSources' in (window.RTCRtpReceiver?.prototype ?? {}))) return;
    const report = { type: 'heard', utterance_id: utterance, clause, language };
    this._awaited.push({ mid, timestamp, since: performance.now(), report });
    if (this._awaited.length > MOST) this._awaited.shift();
    this._learnOutput();
    this._timer ??= setTimeout(() => this._look(), LOOK);
  }

  /** Awaits nothing more. */
  close() {
    clearTimeout(this._timer);
    this._timer = null;
    this._awaited = [];
  }

  _look() {
    this._timer = null;
    const receivers = this._receivers();
    const now = performance.now();
    this._awaited = this._awaited.filter((each) => now < each.since + LATEST && !this._hasSounded(each, receivers.get(each.mid)));
    if (this._awaited.length > 0) this._timer = setTimeout(() => this._look(), LOOK);
  }

  _hasSounded({ mid, timestamp, since, report }, receiver) {
    if (!receiver || !this._isPlaying(mid)) return false;
    const sounding = soundingPacket(receiver.getSynchronizationSources(), timestamp);
    if (sounding === null) return false;
    const now = performance.now();
    const ago = soundedAgo(sounding, performance.timeOrigin + now, now - since) - this._output.milliseconds;
    if (ago < 0) return false; // it is on its way to the loudspeaker
    this._send({ ...report, ago_ms: Math.round(ago) });
    return true;
  }

  _receivers() {
    const transceivers = this._peer()?.getTransceivers() ?? [];
    return new Map(transceivers.map(({ mid, receiver }) => [mid, receiver]));
  }

  /** Asks how long sound takes from here to the loudspeaker: the mean since it was asked last. */
  async _learnOutput() {
    const now = performance.now();
    const peer = this._peer();
    if (!peer || now - this._output.at < STALE) return;
    this._output.at = now;
    for (const { type, totalPlayoutDelay: delay, totalSamplesCount: samples } of (await peer.getStats()).values()) {
      if (type !== 'media-playout' || !samples) continue;
      const isOn = samples > this._output.samples;
      const mean = isOn ? (delay - this._output.delay) / (samples - this._output.samples) : delay / samples;
      Object.assign(this._output, { milliseconds: Math.max(0, mean * 1000), delay, samples });
    }
  }
}
