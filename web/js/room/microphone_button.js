// The button of the microphone: what it does, whether it is on, and that it hears something.

import { byId, setIcon } from '../base/dom.js';
import { say } from '../base/strings.js';

/** The button, for one call. */
export class MicrophoneButton {
  constructor(call) {
    this._call = call;
    this._button = byId('mute');
    // While the browser asks for the microphone.
    this._isTurningOn = false;
    this._button.onclick = () => this._pressed();
    call.microphone.onChange(() => this._show());
    this._show();
  }

  /** How loud it is now, from 0 to 1: a ring around it. */
  showLevel(level) {
    this._button.style.setProperty('--level', level.toFixed(2));
  }

  async _pressed() {
    const { microphone, me } = this._call;
    if (me.microphone) {
      microphone.setMuted(!me.muted);
      return;
    }
    if (this._isTurningOn) return;
    this._isTurningOn = true;
    try {
      await microphone.open();
    } finally {
      this._isTurningOn = false;
    }
  }

  _show() {
    const { microphone, muted } = this._call.me;
    const isTalking = this._call.microphone.isHeldOpen;
    const isOff = muted || !microphone;
    let word = isOff ? 'controls.unmute' : 'controls.mute';
    if (!microphone) word = 'controls.turn_on';
    if (isTalking) word = 'controls.talking';
    setIcon(this._button, isOff ? 'mic-off' : 'mic');
    const label = this._button.querySelector('span');
    if (label.textContent !== say(word)) label.textContent = say(word);
    this._button.classList.toggle('is-off', isOff);
    this._button.classList.toggle('is-talking', isTalking);
    // The label says what a press does, so the state is not announced a second time.
    this._button.removeAttribute('aria-pressed');
    byId('talk-hint').hidden = !microphone || !muted || !this._call.microphone.mayTalk;
  }
}
