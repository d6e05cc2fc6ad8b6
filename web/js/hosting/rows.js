// A list whose rows stay the same elements while what they show changes: focus and presses are not lost under the hand.

import { colourOf, initialOf } from '../base/avatar.js';
import { make } from '../base/dom.js';

/** Rows by participant. */
export class Rows {
  /** `fill(row, item)` shows an item; `build(id)` gives the buttons of a new row. */
  constructor(className, { build, fill }) {
    this.element = make('ul', { class: `${className}s` });
    this._className = className;
    this._build = build;
    this._fill = fill;
    // id -> row
    this._rows = new Map();
  }

  /** Shows these, each with a `participant_id` and a `name`, in their order. */
  show(items) {
    const here = new Set(items.map(({ participant_id: id }) => id));
    for (const [id, row] of [...this._rows]) if (!here.has(id)) this._remove(id, row);
    items.forEach((item, index) => {
      const row = this._row(item.participant_id);
      if (this.element.children[index] !== row) this.element.insertBefore(row, this.element.children[index] ?? null);
      write(row.querySelector('.avatar'), initialOf(item.name));
      write(row.querySelector('.whom b'), item.name);
      this._fill(row, item);
    });
  }

  _row(id) {
    if (!this._rows.has(id)) this._rows.set(id, this._make(id));
    return this._rows.get(id);
  }

  _make(id) {
    return make(
      'li',
      { class: this._className, 'data-id': id, 'data-colour': colourOf(id) },
      make('span', { class: 'avatar', 'aria-hidden': 'true' }),
      make('span', { class: 'whom' }, make('b', { dir: 'auto' }), make('small', {})),
      ...this._build(id),
    );
  }

  /** Whoever was at a row that goes is taken to the next one. */
  _remove(id, row) {
    const had = row.contains(document.activeElement);
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this._rows.delete(id);
    if (had) (next?.querySelector('button:not([hidden])') ?? document.getElementById('hosting')).focus({ preventScroll: true });
  }
}

/** Writes a text where it differs. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
