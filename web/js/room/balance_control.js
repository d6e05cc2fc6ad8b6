// How much of the original and how much of the translation I hear: the slider, the switch, and what the server is told.

import { byId } from '../base/dom.js';
import { Popover } from '../base/popover.js';
import { say } from '../base/strings.js';
import { Balance } from '../sound/balance.js';

// Between two things told, in milliseconds: the server takes two a second, of this and of some others together.
const PAUSE_MS = 600;
// After one that was refused.
const AGAIN_MS = 1500;

/** The panel behind the button in the bar, for one call. */
export class BalanceControl {
  constructor(call) {
    this._call = call;
    this._button = byId('balance');
    this._slider = byId('balance-slider');
    this._switch = byId('balance-original');
    // What the server knows, null where it is not certain.
    this._told = null;
    this._toldAt = -Infinity;
    this._timer = null;
    this._popover = new Popover(byId('balance-panel'));
    this._button.onclick = () => {
      this._show();
      this._popover.toggle(this._button);
    };
    this._slider.oninput = () => this._set(new Balance(Number(this._slider.value), false));
    this._switch.onclick = () => this._set(new Balance(this._balance.position, !this._balance.isOriginalOff));
    call.on('joined', () => this._joined());
    call.on('error', (message) => this._refused(message));
    call.whenOver(() => this._close());
    this._show();
  }

  get _balance() {
    return this._call.sound.volumes.balance;
  }

  /** Takes a choice: heard at once, told when there is room for it. */
  _set(balance) {
    this._call.sound.volumes.balance = balance;
    this._call.me.original = balance.original;
    balance.remember();
    this._show();
    this._tellSoon();
  }

  _show() {
    const { position, isOriginalOff, word } = this._balance;
    const words = say(word);
    this._slider.value = position;
    this._slider.setAttribute('aria-valuetext', words);
    this._slider.classList.toggle('is-off', isOriginalOff);
    byId('balance-words').textContent = words;
    this._switch.setAttribute('aria-checked', String(isOriginalOff));
    this._button.title = say('balance.button', { balance: words });
    this._button.setAttribute('aria-label', say('balance.button', { balance: words }));
    byId('balance-steps').hidden = this._call.sound.slots.takesVolume;
  }

  /** What was told with `join` may have changed before the answer came. */
  _joined() {
    this._told = this._call.joinedWith;
    this._tellSoon();
  }

  _refused({ code, in_reply_to: request }) {
    if (request !== 'set_original' || code !== 'too_many_messages') return;
    this._told = null;
    this._tellIn(AGAIN_MS);
  }

  _tellSoon() {
    if (this._call.me.original === this._told) return;
    this._tellIn(Math.max(0, this._toldAt + PAUSE_MS - performance.now()));
  }

  /** Tells what holds then: what was passed on the way is nothing to the server. */
  _tellIn(milliseconds) {
    this._timer ??= setTimeout(() => {
      this._timer = null;
      const { original } = this._call.me;
      if (original === this._told || this._call.isOver) return;
      this._told = original;
      this._toldAt = performance.now();
      this._call.send({ type: 'set_original', original });
    }, milliseconds);
  }

  _close() {
    clearTimeout(this._timer);
    this._popover.close();
  }
}
