// A line of the panel: one clause, what I read of it and, below, what was said.

import { make } from '../base/dom.js';
import { hasSource } from './record.js';

/** Makes an empty line. */
export function makeLine(clause) {
  return make(
    'div',
    { class: 'line', 'data-clause': clause, tabindex: -1 },
    make('p', { class: 'text', dir: 'auto' }),
    make('p', { class: 'source', dir: 'auto' }),
  );
}

/** Shows a caption in a line. */
export function fillLine(line, caption) {
  line.classList.toggle('is-interim', !caption.is_final);
  line.dataset.final = caption.is_final;
  delete line.dataset.stale;
  const [text, source] = line.children;
  setText(text, caption.text, caption.language);
  const isTranslated = hasSource(caption);
  source.hidden = !isTranslated;
  setText(source, isTranslated ? caption.source_text : '', caption.source_language);
}

/** Gives what a line says, in the form that `linesOf` takes. */
export function read(line) {
  const [text, source] = line.children;
  return {
    text: text.textContent,
    language: text.lang,
    source: source.hidden ? null : source.textContent,
    sourceLanguage: source.lang,
  };
}

function setText(element, text, language) {
  if (element.lang !== language) element.lang = language;
  // Written only when it changes, so that a selection survives.
  if (element.textContent !== text) element.textContent = text;
}
