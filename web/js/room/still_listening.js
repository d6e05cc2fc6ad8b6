// That others have not heard all of it yet, for whoever has just talked: a line on my own tile that counts down.

import { sayCount, seconds } from '../base/strings.js';

// Less than this is over before it can be read, in milliseconds.
const WORTH_MS = 800;
// Without news for so long after the end of an estimate it is over.
const LATE_MS = 2000;
// Between two looks at the clock.
const LOOK_MS = 250;

/** The hint of one call. Nothing is read out: it would talk over the conversation. */
export class StillListening {
  constructor(call) {
    this._call = call;
    this._isShown = false;
    // When all will have heard it, by the last estimate; and how many they are.
    this._until = 0;
    this._listeners = 0;
    this._timer = null;
    call.on('still_listening', (message) => this._take(message));
    call.on('joined', () => this._end());
    call.whenOver(() => this._end());
  }

  _take({ remaining_ms: remaining, listeners }) {
    if (remaining <= 0 || (!this._isShown && remaining < WORTH_MS)) {
      this._end();
      return;
    }
    this._until = performance.now() + remaining;
    this._listeners = listeners;
    this._isShown = true;
    this._timer ??= setInterval(() => this._show(), LOOK_MS);
    this._show();
  }

  _show() {
    const left = this._until - performance.now();
    if (left < -LATE_MS) {
      this._end();
      return;
    }
    // Whole seconds, and never none: it is over when the server says so.
    this._tell(sayCount('people.still', this._listeners, { time: seconds(1000 * Math.max(1, Math.ceil(left / 1000))) }));
  }

  _end() {
    clearInterval(this._timer);
    this._timer = null;
    this._isShown = false;
    this._tell('');
  }

  _tell(words) {
    this._call.people.tile(this._call.participantId)?.tellStill(words);
  }
}
