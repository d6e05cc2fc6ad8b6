// Talking while something is held: Space, or the microphone's button. Released, one is muted again.

import { byId } from '../base/dom.js';
import { remembered } from '../base/memory.js';
import { isTyped, usesSpace } from './keys.js';

// A press on the button that is held so long is no press but a hold, in milliseconds.
const HOLD_MS = 350;
// The microphone stays open for so long after the release: people let go on their last syllable.
const TAIL_MS = 150;
// The click of a release has come by then.
const CLICK_MS = 100;

/** Push to talk, for one call. It is for who is muted; who is not is heard anyway. */
export class PushToTalk {
  constructor(call) {
    this._call = call;
    // What holds it open: 'Space', 'button', or null.
    this._holder = null;
    this._holdTimer = null;
    this._tailTimer = null;
    // The button was held: its click, which comes with the release, switches nothing.
    this._swallows = false;
    this._listen();
  }

  _listen() {
    const over = new AbortController();
    const { signal } = over;
    const button = byId('mute');
    document.addEventListener('keydown', (event) => this._down(event), { signal });
    document.addEventListener('keyup', (event) => this._up(event), { signal });
    // A release that this page is not told of.
    window.addEventListener('blur', () => this._release(), { signal });
    document.addEventListener('visibilitychange', () => this._release(), { signal });
    button.addEventListener('pointerdown', (event) => { if (event.button === 0) this._press(); }, { signal });
    for (const type of ['pointerup', 'pointercancel']) document.addEventListener(type, () => this._letGo('button'), { signal });
    button.addEventListener('contextmenu', (event) => { if (this._holder) event.preventDefault(); }, { signal });
    button.addEventListener('click', (event) => this._click(event), { signal, capture: true });
    this._call.whenOver(() => {
      clearTimeout(this._holdTimer);
      clearTimeout(this._tailTimer);
      over.abort();
    });
  }

  get _isPossible() {
    const { me, microphone } = this._call;
    return (me.microphone && me.muted && microphone.mayTalk) || this._tailTimer !== null;
  }

  // Keys.

  _down(event) {
    if (event.code !== 'Space' || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (remembered().pushToTalk === false) return;
    if (event.target === byId('mute')) {
      // Space presses this button too, so that only a longer hold is one.
      if (!event.repeat) this._press();
      return;
    }
    if (isTyped(event) || usesSpace(event.target)) return;
    if (!this._isPossible && this._holder !== 'Space') return;
    // What is read does not scroll.
    event.preventDefault();
    if (!event.repeat) this._hold('Space');
  }

  _up(event) {
    if (event.code !== 'Space') return;
    // A held button's release is no press of it.
    if (event.target === byId('mute') && this._swallows) event.preventDefault();
    this._letGo('button');
    this._letGo('Space');
  }

  // The button.

  _press() {
    this._swallows = false;
    clearTimeout(this._holdTimer);
    if (!this._isPossible) return;
    this._holdTimer = setTimeout(() => {
      this._swallows = true;
      this._hold('button');
    }, HOLD_MS);
  }

  _click(event) {
    if (!this._swallows) return;
    this._swallows = false;
    event.stopImmediatePropagation();
    event.preventDefault();
  }

  // Talking.

  _hold(holder) {
    clearTimeout(this._tailTimer);
    this._tailTimer = null;
    this._holder = holder;
    this._call.microphone.setMuted(false, { isHeld: true });
  }

  /** A key or a pointer goes up. Some browsers send the button a click with it, some do not. */
  _letGo(holder) {
    setTimeout(() => { this._swallows = false; }, CLICK_MS);
    this._release(holder);
  }

  /** Nothing is held any more; without a name, whatever it was. */
  _release(holder = this._holder) {
    clearTimeout(this._holdTimer);
    if (this._holder === null || this._holder !== holder) return;
    this._holder = null;
    this._tailTimer = setTimeout(() => {
      this._tailTimer = null;
      // A host, or a press of the button, was faster.
      if (this._call.microphone.isHeldOpen) this._call.microphone.setMuted(true);
    }, TAIL_MS);
  }
}
