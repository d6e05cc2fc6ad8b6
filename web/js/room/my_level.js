// How loud my microphone is while it is on; and that nothing comes out of it, which nobody notices by themselves.

import { say } from '../base/strings.js';

// Milliseconds between two looks; the ring around the button follows it.
const LOOK_MS = 120;
// Nothing but zeros for so long is a switch on the cable, or a system that mutes: a quiet room is not that quiet.
const DEAD_MS = 12_000;

/** Looks at the level, for one call. */
export class MyLevel {
  /** `onLevel` gets it from 0 to 1; `onHelp` is called when somebody asks for the other devices. */
  constructor(call, { onLevel, onHelp }) {
    this._call = call;
    this._onLevel = onLevel;
    this._onHelp = onHelp;
    // Since when nothing comes, null while something does or may not; and the words on the screen for it.
    this._deadSince = null;
    this._words = null;
    this._shown = 0;
    const timer = setInterval(() => this._look(), LOOK_MS);
    call.whenOver(() => clearInterval(timer));
    call.microphone.onChange(() => this._changed());
  }

  /** Begins anew: what was found was found of what was there before. */
  _changed() {
    this._deadSince = null;
    if (this._call.microphone.isSilent) this._show(0);
    if (!this._call.me.microphone) this._recovered();
  }

  _look() {
    const { me, microphone } = this._call;
    if (!me.microphone || microphone.isSilent || document.hidden) {
      this._deadSince = null;
      return;
    }
    const { level, isNothing } = me.microphone.measure();
    this._show(level);
    if (isNothing === false) this._recovered();
    else if (isNothing) this._waits();
  }

  _show(level) {
    // Small steps are not seen, and each costs a repaint.
    const rounded = Math.round(level * 10) / 10;
    if (rounded === this._shown) return;
    this._shown = rounded;
    this._onLevel(rounded);
  }

  _waits() {
    this._deadSince ??= performance.now();
    if (this._words || performance.now() - this._deadSince < DEAD_MS) return;
    this._words = say('devices.nothing_heard');
    this._call.notices.show(this._words, { stays: true, action: { label: say('devices.choose'), run: this._onHelp } });
  }

  _recovered() {
    this._deadSince = null;
    if (this._words) this._call.notices.hide(this._words);
    this._words = null;
  }
}
