// How loud each slot is to be: by the balance, by who is being translated just now, and by what I chose for each person.

// A person of whom nothing was chosen.
const UNTOUCHED = { level: 1, isSilenced: false };

/** All that decides over volumes in one call. Nothing is played here. */
export class Volumes {
  constructor(balance) {
    this._balance = balance;
    // Speakers whose translation sounds now.
    this._ducked = new Set();
    // Speaker -> what I chose for them, for as long as the call lasts.
    this._people = new Map();
    // Called when volumes may be others now.
    this.onChange = () => {};
  }

  get balance() {
    return this._balance;
  }

  set balance(balance) {
    this._balance = balance;
    this.onChange();
  }

  /** A speaker's translation begins to sound, or has ended. */
  duck(speaker, isDucked) {
    if (isDucked) this._ducked.add(speaker);
    else this._ducked.delete(speaker);
    this.onChange();
  }

  /** Nobody's translation is known to sound. */
  reset() {
    this._ducked.clear();
    this.onChange();
  }

  /** Gives what I chose for somebody: `level` from 0 to 1, and whether they are silenced for me. */
  person(id) {
    return this._people.get(id) ?? UNTOUCHED;
  }

  setPerson(id, choice) {
    this._people.set(id, { ...this.person(id), ...choice });
    this.onChange();
  }

  /** Gives the volume, from 0 to 1, of what a slot carries. */
  of({ kind, speaker }) {
    const { level, isSilenced } = this.person(speaker);
    if (isSilenced) return 0;
    if (kind === 'voice') return level * this._balance.voice;
    return this._ducked.has(speaker) ? level * this._balance.floor : level;
  }
}
