// Where between the original and the translation somebody wants to be, and what that means for both.

import { remember, remembered } from '../base/memory.js';

// Positions: at one end only the original is heard, at the other only the translation, in the middle both in full.
const ORIGINAL = 0;
const BOTH = 50;
const TRANSLATION = 100;
// Within so much of the middle neither is said to be the louder one.
const ALIKE = 10;
// What is felt as half as loud has less than half the amplitude: loudness goes by about its 0.6th power.
const EXPONENT = 1 / 0.6;
// What was remembered when there were three positions.
const EARLIER = { off: TRANSLATION, low: 85, on: BOTH };

/** Gives the volume that is felt as this share of full loudness. */
function volumeOf(loudness) {
  return loudness ** EXPONENT;
}

/** One choice; another choice is another balance. */
export class Balance {
  constructor(position, isOriginalOff) {
    // From ORIGINAL to TRANSLATION.
    this.position = position;
    // The original is switched off, wherever the slider is.
    this.isOriginalOff = isOriginalOff;
  }

  /** Gives what this browser was left at; only the translation if it was never here. */
  static remembered() {
    const { balance, originalOff, original } = remembered();
    const position = balance >= ORIGINAL && balance <= TRANSLATION ? balance : EARLIER[original] ?? TRANSLATION;
    return new Balance(position, originalOff === true);
  }

  remember() {
    remember({ balance: this.position, originalOff: this.isOriginalOff });
  }

  /** What the server is asked for: an original that is not heard is not sent. */
  get original() {
    if (this._heard === TRANSLATION) return 'off';
    return this._heard === ORIGINAL ? 'on' : 'low';
  }

  /** The volume of somebody's own voice while its translation sounds. */
  get floor() {
    return volumeOf(Math.min(1, (TRANSLATION - this._heard) / (TRANSLATION - BOTH)));
  }

  /** The volume of a translation. */
  get voice() {
    return volumeOf(Math.min(1, (this._heard - ORIGINAL) / (BOTH - ORIGINAL)));
  }

  /** The key of the words for it. */
  get word() {
    if (this._heard === ORIGINAL) return 'balance.only_original';
    if (this._heard === TRANSLATION) return 'balance.only_translation';
    if (this._heard < BOTH - ALIKE) return 'balance.mostly_original';
    return this._heard > BOTH + ALIKE ? 'balance.mostly_translation' : 'balance.both';
  }

  /** The position that is heard. */
  get _heard() {
    return this.isOriginalOff ? TRANSLATION : this.position;
  }
}
