// Whether somebody talks into a microphone that is off: told by a copy of its track, of which nothing is sent or kept.

// Between two looks at the level, in milliseconds.
const LOOK_MS = 100;
// Of the last looks so many must be so loud, in decibels below full scale: a word, not a keyboard.
const LOOKS = 8;
const LOUD_LOOKS = 5;
const LOUD_DB = -42;

/** Whether listening costs next to nothing here. On phones a copy keeps the battery busy, and on some the microphone odd. */
export function canOverhear() {
  return typeof AudioContext === 'function' && !matchMedia('(pointer: coarse)').matches;
}

/** Listens to one track while it is off. */
export class Murmur {
  /** `onLook(isTalking)` is called at every look. */
  constructor(track, { onLook }) {
    this._track = track.clone();
    this._track.enabled = true;
    this._onLook = onLook;
    this._looks = [];
    this._context = new AudioContext({ latencyHint: 'playback' });
    this._analyser = new AnalyserNode(this._context, { fftSize: 2048 });
    this._samples = new Float32Array(this._analyser.fftSize);
    this._context.createMediaStreamSource(new MediaStream([this._track])).connect(this._analyser);
    this._timer = setInterval(() => this._look(), LOOK_MS);
  }

  close() {
    clearInterval(this._timer);
    this._track.stop();
    this._context.close();
  }

  _look() {
    if (this._context.state === 'suspended') this._context.resume();
    this._analyser.getFloatTimeDomainData(this._samples);
    let power = 0;
    for (const sample of this._samples) power += sample * sample;
    this._looks.push(10 * Math.log10(power / this._samples.length + 1e-12) > LOUD_DB);
    if (this._looks.length > LOOKS) this._looks.shift();
    this._onLook(this._looks.filter(Boolean).length >= LOUD_LOOKS);
  }
}
