// The captions of an overlay: the last few, for as long as they are new.

import { colourOf } from '../base/avatar.js';
import { make } from '../base/dom.js';
import { serverNow } from '../wire/server_clock.js';
import { hasSource } from './record.js';

// How long after the link's return interim text waits to be said again.
const STALE_MS = 6000;
// How long a caption takes to go; as in overlay.css.
const GOING_MS = 400;
// What was said longer ago does not come up any more, even where captions stay.
const OLD_MS = 60_000;

/** The lines, each a clause. */
export class OverlayLines {
  /** `lines` at most; `fade` in seconds, 0 to let them stay; whether there are `names`, and originals below (`dual`). */
  constructor(box, { lines, fade, names, dual }) {
    this._box = box;
    this._most = lines;
    this._fadeMs = fade * 1000;
    this._names = names;
    this._dual = dual;
    // `utterance clause` -> { element, at, until }; oldest first.
    this._lines = new Map();
    this._timer = 0;
    // Timers of a page that nobody sees may come a minute late.
    document.addEventListener('visibilitychange', () => this._sweep());
  }

  /** Shows a caption in the place of the one it follows. Final and empty: nothing was said there after all. */
  show(caption) {
    const key = `${caption.utterance_id} ${caption.clause}`;
    if (!caption.text) {
      this._remove(key);
    } else {
      const line = this._lines.get(key) ?? this._add(key, caption);
      if (!line) return;
      fill(line.element, caption, this._dual);
      line.until = this._fadeMs ? performance.now() + this._fadeMs : Infinity;
    }
    this._trim();
    this._markNames();
    this._sweep();
  }

  /** Captions come again: what is interim and not said again soon has been overtaken. */
  renew() {
    for (const { element } of this._lines.values()) if (element.dataset.final === 'false') element.dataset.stale = '';
    setTimeout(() => {
      for (const [key, { element }] of this._lines) if ('stale' in element.dataset) this._remove(key);
      this._markNames();
    }, STALE_MS);
  }

  clear() {
    for (const key of [...this._lines.keys()]) this._remove(key);
  }

  _add(key, caption) {
    if (serverNow() - caption.timestamp_ms > Math.max(this._fadeMs, OLD_MS)) return null;
    // Words that were said before what is shown are not waited for: they stand before it, and are the first to go.
    const before = [...this._lines.values()].filter(({ at }) => at <= caption.timestamp_ms);
    const line = { element: makeLine(caption), at: caption.timestamp_ms, until: Infinity };
    const previous = before.at(-1)?.element;
    if (previous) previous.after(line.element);
    else this._box.prepend(line.element);
    this._lines = new Map([...this._lines, [key, line]].sort(([, a], [, b]) => a.at - b.at));
    return line;
  }

  _trim() {
    while (this._lines.size > this._most) this._remove(this._lines.keys().next().value);
  }

  _remove(key) {
    this._lines.get(key)?.element.remove();
    this._lines.delete(key);
  }

  /** A name stands where the speaker changes. */
  _markNames() {
    let previous = null;
    for (const { element } of this._lines.values()) {
      const name = element.querySelector('.name');
      name.hidden = !this._names || !name.textContent || element.dataset.speaker === previous;
      previous = element.dataset.speaker;
    }
  }

  /** Lets go what has been shown for long enough, and comes again when the next one has. */
  _sweep() {
    clearTimeout(this._timer);
    const now = performance.now();
    for (const [key, { element, until }] of [...this._lines]) {
      element.classList.toggle('is-going', until <= now + GOING_MS);
      if (until <= now) this._remove(key);
    }
    this._markNames();
    const next = Math.min(...[...this._lines.values()].map(({ until }) => (until > now + GOING_MS ? until - GOING_MS : until)));
    if (next < Infinity) this._timer = setTimeout(() => this._sweep(), next - now);
  }
}

function makeLine({ speaker_id: id, utterance_id: utterance, clause }) {
  const words = () => make('span', { class: 'words' });
  const name = make('span', { class: 'name', 'data-colour': colourOf(id) }, make('bdi'));
  return make(
    'div',
    { class: 'line', 'data-utterance': utterance, 'data-clause': clause, 'data-speaker': id },
    make('p', { class: 'text', dir: 'auto' }, make('span', { class: 'box' }, name, words())),
    make('p', { class: 'source', dir: 'auto' }, make('span', { class: 'box' }, words())),
  );
}

function fill(element, caption, dual) {
  element.dataset.final = caption.is_final;
  delete element.dataset.stale;
  const [text, source] = element.children;
  element.querySelector('.name bdi').textContent = caption.speaker_name ?? '';
  setWords(text, caption.text, caption.language);
  source.hidden = !dual || !hasSource(caption);
  setWords(source, source.hidden ? '' : caption.source_text, caption.source_language);
}

/** Puts words into a paragraph, whose direction is theirs, whatever the name's is. */
function setWords(paragraph, words, language) {
  paragraph.lang = language;
  const place = paragraph.querySelector('.words');
  if (place.textContent !== words) place.textContent = words;
}
