// The strip above the call while something of it is lost: what, and what is done about it.

import { say } from '../base/strings.js';

// What may be lost, the worst first: without the link nothing else can be mended.
const ORDER = ['link', 'way', 'sound'];

/** Says one thing at a time. */
export class Banner {
  /** `onNow` is called when somebody does not want to wait. */
  constructor(element, { onNow }) {
    this._element = element;
    this._words = new Map();
    element.querySelector('button').onclick = onNow;
  }

  /** Says, by a key of the strings, what is lost. */
  lost(what, key, values) {
    this._words.set(what, say(key, values));
    this._show();
  }

  found(what) {
    this._words.delete(what);
    this._show();
  }

  clear() {
    this._words.clear();
    this._show();
  }

  _show() {
    const first = ORDER.find((what) => this._words.has(what));
    this._element.hidden = !first;
    // Sound is mended by itself once it can be; only a link is worth a push.
    this._element.querySelector('button').hidden = first !== 'link';
    const words = first ? this._words.get(first) : '';
    const paragraph = this._element.querySelector('p');
    // Written only when it changes: it is read out.
    if (paragraph.textContent !== words) paragraph.textContent = words;
  }
}
