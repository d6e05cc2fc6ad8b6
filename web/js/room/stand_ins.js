// Engines that stand in for the usual ones: told for as long as they do.

import { say } from '../base/strings.js';

/** What was told of engines, each by its stage and languages. */
export class StandIns {
  constructor({ languages, notices }) {
    this._languages = languages;
    this._notices = notices;
    // Stage and languages -> the words on the screen, dismissed or not.
    this._told = new Map();
  }

  /** Another engine serves: the notice stays. What is told already is not told again. */
  changed(event) {
    const key = this._key(event);
    if (this._told.has(key)) return;
    this._told.set(key, this._words(event));
    this._notices.show(this._told.get(key), { stays: true });
  }

  /** The usual engine is back. */
  restored(event) {
    this._take(this._key(event));
    this._notices.show(this._words(event));
  }

  /** Everything that still holds is about to be told anew: what is not, was over meanwhile. */
  renew() {
    for (const key of [...this._told.keys()]) this._take(key);
  }

  _take(key) {
    if (this._told.has(key)) this._notices.hide(this._told.get(key));
    this._told.delete(key);
  }

  _key({ stage, languages }) {
    return [stage, ...languages].join(' ');
  }

  _words({ code, stage, languages }) {
    const [first, second] = languages.map((tag) => this._languages.nameWithin(tag));
    return say(`notice.${code}_${stage}`, { language: first, target: second ?? '' });
  }
}
