// The strip above the call while something of it is lost: what, and what is done about it.

import { say, sayCount, seconds } from '../base/strings.js';

// What may be lost, the worst first: without the link nothing else can be mended.
const ORDER = ['link', 'way', 'sound'];
// Shorter pauses between two tries are not counted down: the numbers would only flicker.
const COUNTED_MS = 1500;

/** Says one thing at a time. */
export class Banner {
  /** `onNow` is called when somebody does not want to wait. */
  constructor(element, { onNow }) {
    this._element = element;
    this._words = new Map();
    // How often the link was looked for, and when (performance.now) it is the next time; null before the first.
    this._tries = null;
    this._timer = null;
    element.querySelector('button').onclick = () => {
      this._tries = this._tries && { ...this._tries, at: 0 };
      this._showTries();
      onNow();
    };
  }

  /** Says, by a key of the strings, what is lost. */
  lost(what, key, values) {
    this._words.set(what, say(key, values));
    this._show();
  }

  /** The link was looked for, so many times; it is again after so many milliseconds. */
  tried({ tries, pause }) {
    this._tries = { tries, at: performance.now() + pause, isCounted: pause >= COUNTED_MS };
    this._showTries();
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
    if (!this._words.has('link')) this._tries = null;
    this._showTries();
  }

  /** For the eye only: a screen reader would read nothing else. */
  _showTries() {
    clearTimeout(this._timer);
    const line = this._element.querySelector('small');
    const words = this._inWords();
    if (line.textContent !== words) line.textContent = words;
    line.hidden = !words;
    if (this._tries) this._timer = setTimeout(() => this._showTries(), 1000);
  }

  _inWords() {
    if (!this._tries) return '';
    const { tries, at, isCounted } = this._tries;
    const left = at - performance.now();
    const tried = sayCount('lost.tried', tries);
    const rest = isCounted && left > 0 ? say('lost.next', { time: seconds(Math.ceil(left / 1000) * 1000) }) : say('lost.trying');
    return `${tried} · ${rest}`;
  }
}
