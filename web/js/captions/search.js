// Looking for words in the captions: how often they are there, and from one place to the next.

import { byId } from '../base/dom.js';
import { say } from '../base/strings.js';
import { makeHighlights } from './highlights.js';
import { find, fold } from './matches.js';

/** The search of a panel. Its bar is one of the panel's drawers. */
export class Search {
  /** `list` holds the texts, `place` brings one into sight. */
  constructor(list, place) {
    this._list = list;
    this._place = place;
    this._field = byId('find');
    this._count = byId('found');
    this._highlights = makeHighlights();
    // Text element -> { text, folded }: what was folded already.
    this._folded = new WeakMap();
    this._matches = [];
    this._present = null;
    this._isOpen = false;
    this._isDue = false;
    this._field.oninput = () => this._look();
    this._field.onkeydown = (event) => this._key(event);
    byId('find-next').onclick = () => this._step(1);
    byId('find-previous').onclick = () => this._step(-1);
  }

  open() {
    this._isOpen = true;
    this._field.focus();
    this._field.select();
    this._look();
  }

  close() {
    this._isOpen = false;
    this._highlights.clear();
    this._matches = [];
    this._present = null;
  }

  /** The texts are others now. Looks again once before the next picture. */
  refresh() {
    if (!this._isOpen || this._isDue) return;
    this._isDue = true;
    requestAnimationFrame(() => {
      this._isDue = false;
      if (this._isOpen) this._look({ stays: true });
    });
  }

  _key(event) {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    this._step(event.shiftKey ? -1 : 1);
  }

  /** Finds everything. What was the present match is so still, if it `stays`; else the one nearest to what is in sight. */
  _look({ stays = false } = {}) {
    const before = this._present;
    this._matches = this._findAll(fold(this._field.value.trim()).folded);
    this._present = (stays && before && this._matches.find((match) => isSame(match, before))) || null;
    this._highlights.show(this._matches, this._present);
    if (!this._present) this._choose(this._nearest(), { moves: !stays });
    this._showCount();
  }

  _findAll(query) {
    const all = [];
    if (!query) return all;
    for (const element of this._list.querySelectorAll('.text, .source')) {
      // Originals may be hidden.
      if (!element.firstChild || element.offsetParent === null) continue;
      const places = find(this._foldedOf(element), query);
      places.forEach(([start, end], nth) => all.push({ element, start, end, nth }));
    }
    return all;
  }

  _foldedOf(element) {
    const text = element.textContent;
    const known = this._folded.get(element);
    if (known?.text === text) return known.folded;
    const folded = fold(text);
    this._folded.set(element, { text, folded });
    return folded;
  }

  /** Gives the first match at or below the upper edge; the last one where all are above. */
  _nearest() {
    const top = this._list.parentElement.getBoundingClientRect().top;
    return this._matches.find((match) => match.element.getBoundingClientRect().bottom > top) ?? this._matches.at(-1);
  }

  _step(by) {
    const count = this._matches.length;
    if (!count) return;
    const at = this._matches.indexOf(this._present);
    this._choose(this._matches[(at + by + count) % count]);
    this._showCount();
  }

  _choose(match, { moves = true } = {}) {
    this._present = match ?? null;
    if (!match) return;
    this._highlights.show(this._matches, match);
    if (moves) this._place.bring(this._highlights.placeOf(match));
  }

  _showCount() {
    const count = this._matches.length;
    const isAsked = this._field.value.trim() !== '';
    const number = this._matches.indexOf(this._present) + 1;
    this._count.textContent = !isAsked ? '' : count ? say('captions.found', { number, count }) : say('captions.found_none');
    for (const id of ['find-next', 'find-previous']) byId(id).disabled = count === 0;
  }
}

function isSame(match, other) {
  return match.element === other.element && match.nth === other.nth;
}
