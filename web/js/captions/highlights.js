// How matches are shown in a text: by the CSS Custom Highlight API, or where a browser has none by <mark>s made of nodes.

import { make } from '../base/dom.js';

// A match is { element, start, end }: `element` holds one text.

/** Gives what shows matches here. */
export function makeHighlights() {
  return globalThis.CSS?.highlights && typeof Highlight === 'function' ? new PaintedHighlights() : new MarkedHighlights();
}

/** Paints ranges: nothing of the page changes. */
class PaintedHighlights {
  /** Shows these matches, of which one is the present one, and no others. */
  show(matches, present) {
    const all = new Highlight(...matches.filter((match) => match !== present).map(rangeOf));
    CSS.highlights.set('found', all);
    if (present) CSS.highlights.set('found-now', new Highlight(rangeOf(present)));
    else CSS.highlights.delete('found-now');
  }

  clear() {
    CSS.highlights.delete('found');
    CSS.highlights.delete('found-now');
  }

  /** Gives where a match that is shown stands on the screen. */
  placeOf(match) {
    return rangeOf(match).getBoundingClientRect();
  }
}

/** Puts <mark>s into the texts. */
class MarkedHighlights {
  constructor() {
    this._marked = new Set();
    this._present = null;
  }

  show(matches, present) {
    this.clear();
    const byElement = grouped(matches);
    for (const [element, own] of byElement) {
      this._marked.add(element);
      element.replaceChildren(...this._pieces(element.textContent, own, present));
    }
  }

  clear() {
    // A text node in place of the pieces.
    for (const element of this._marked) element.textContent = element.textContent;
    this._marked.clear();
    this._present = null;
  }

  placeOf({ element }) {
    return (this._present ?? element).getBoundingClientRect();
  }

  _pieces(text, matches, present) {
    const pieces = [];
    let at = 0;
    for (const match of matches) {
      const mark = make('mark', { class: match === present ? 'is-now' : null }, text.slice(match.start, match.end));
      if (match === present) this._present = mark;
      pieces.push(text.slice(at, match.start), mark);
      at = match.end;
    }
    return [...pieces, text.slice(at)];
  }
}

function grouped(matches) {
  const byElement = new Map();
  for (const match of matches) {
    if (!byElement.has(match.element)) byElement.set(match.element, []);
    byElement.get(match.element).push(match);
  }
  return byElement;
}

function rangeOf({ element, start, end }) {
  const range = new Range();
  range.setStart(element.firstChild, start);
  range.setEnd(element.firstChild, end);
  return range;
}
