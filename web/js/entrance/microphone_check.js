// The microphone before the room: opened, watched, and handed over on the way in.

import { Microphone, microphones, permission } from '../sound/microphone.js';

// From this level on it is a voice rather than the room.
const HEARD = 0.45;
// Milliseconds without one sign of life: a microphone that works is never quite silent.
const DEAD_MS = 4000;
// Between two looks, at most: what was not looked at, since the tab was hidden, is not known to be silent.
const LOOK_MS = 500;
// Without one, or where the browser would not give it, another try may help when something has changed.
const REFUSED = new Set(['refused', 'dismissed']);

/** One microphone at a time. Those who show it ask for changes with `watch`. */
export class MicrophoneCheck {
  constructor() {
    // `closed`: none is wanted; `asking`: the browser was asked for one; `open`; `trouble`: there is none, see `trouble`.
    this.state = 'closed';
    // The code of a MicrophoneError, null if there is none.
    this.trouble = null;
    // The open one, null if there is none; and all that could be opened.
    this.microphone = null;
    this.devices = [];
    this.level = 0;
    // Whether a voice was heard, and whether there has been nothing at all for a while.
    this.isHeard = false;
    this.isDead = false;
    this._isOff = false;
    // Counts openings: a microphone that comes when another was asked for, or nobody waits any more, is given back.
    this._opening = 0;
    this._watchers = [];
    this._levels = [];
    // Another one may be there; if not, that is said.
    this._ended = () => this.open();
    this._devicesChanged = () => this._settle(this.trouble === 'missing');
    navigator.mediaDevices?.addEventListener?.('devicechange', this._devicesChanged);
    this._watchPermission();
  }

  /** Has `show()` called when something of it has changed, and `level(number)` many times a second while it is open. */
  watch({ show = () => {}, level = () => {} }) {
    this._watchers.push(show);
    this._levels.push(level);
  }

  /** Opens one, in the place of any other. */
  async open(deviceId) {
    this._close();
    const opening = this._opening;
    this.state = 'asking';
    this.trouble = null;
    this._tell();
    try {
      const microphone = await Microphone.open(deviceId);
      if (opening === this._opening) await this._use(microphone);
      else microphone.close();
    } catch (error) {
      if (opening === this._opening) await this._fail(error.code ?? 'failed');
    }
  }

  /** Gives the microphone back: none is wanted. */
  close() {
    this._close();
    this.state = 'closed';
    this.trouble = null;
    this._tell();
  }

  /** Leaves it open and silent, or not. */
  setOff(isOff) {
    this._isOff = isOff;
    if (this.microphone) this.microphone.track.enabled = !isOff;
    this._begin();
    this._tell();
  }

  /** Ends. `taken` goes on; whatever else is open is given back. */
  release(taken) {
    navigator.mediaDevices?.removeEventListener?.('devicechange', this._devicesChanged);
    if (this._permission) this._permission.onchange = null;
    this._watchers = [];
    this._levels = [];
    if (this.microphone === taken) this._letGo();
    this._close();
    this.state = 'closed';
  }

  _close() {
    this._opening += 1;
    cancelAnimationFrame(this._frame);
    this.microphone?.close();
    this._letGo();
  }

  _letGo() {
    this.microphone?.track.removeEventListener('ended', this._ended);
    this.microphone = null;
  }

  async _use(microphone) {
    this.microphone = microphone;
    this.state = 'open';
    microphone.track.enabled = !this._isOff;
    microphone.track.addEventListener('ended', this._ended);
    this.isHeard = false;
    this._begin();
    this._look();
    await this._settle(false);
  }

  async _fail(code) {
    this.state = 'trouble';
    this.trouble = code;
    this._setLevel(0);
    await this._settle(false);
  }

  /** Learns what devices there are, and tries again if that may help now. */
  async _settle(isTriedAgain) {
    this.devices = await microphones();
    if (isTriedAgain && this.devices.length > 0) await this.open();
    else this._tell();
  }

  /** What was allowed meanwhile, in the browser's own settings, is used. */
  async _watchPermission() {
    this._permission = await permission();
    if (!this._permission) return;
    this._permission.onchange = () => {
      if (this._permission.state === 'granted' && REFUSED.has(this.trouble)) this.open();
    };
  }

  // Listening to it.

  _begin() {
    this._lookedAt = performance.now();
    this._deadFor = 0;
    this.isDead = false;
    if (this._isOff) this._setLevel(0);
  }

  _look() {
    cancelAnimationFrame(this._frame);
    if (!this.microphone) return;
    const now = performance.now();
    const passed = now - this._lookedAt;
    this._lookedAt = now;
    const { level, isNothing } = this.microphone.measure();
    const was = [this.isHeard, this.isDead];
    if (passed < LOOK_MS && (isNothing || this.microphone.track.muted) && !this._isOff) this._deadFor += passed;
    else if (isNothing === false) this._deadFor = 0;
    this.isDead = this._deadFor >= DEAD_MS;
    this.isHeard ||= level > HEARD;
    this._setLevel(this._isOff ? 0 : level);
    if (was[0] !== this.isHeard || was[1] !== this.isDead) this._tell();
    this._frame = requestAnimationFrame(() => this._look());
  }

  _setLevel(level) {
    this.level = level;
    for (const show of this._levels) show(level);
  }

  _tell() {
    for (const show of this._watchers) show();
  }
}
