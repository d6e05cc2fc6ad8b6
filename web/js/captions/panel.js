// The captions panel: one block an utterance, one line a clause; interim text is replaced in place.

import { colourOf } from '../base/avatar.js';
import { make } from '../base/dom.js';
import { say } from '../base/strings.js';

// Utterances that stay in the panel; when there are more, the oldest goes.
const KEPT = 500;
// How long after the link's return interim text waits to be said again.
const STALE_MS = 6000;
// Pixels from the end within which somebody reads along.
const NEAR = 48;

/** The panel. */
export class Captions {
  /** `nameOf(id)` names a speaker, or gives undefined; `newest` is the button that leads to the end. */
  constructor(panel, { nameOf, empty, newest }) {
    this._panel = panel;
    this._nameOf = nameOf;
    this._empty = empty;
    this._newest = newest;
    // utterance id -> block; oldest first.
    this._blocks = new Map();
    this._readsAlong = true;
    this._height = 0;
    this._panel.onscroll = () => this._scrolled();
    this._sizes = new ResizeObserver(() => this._resized());
    this._sizes.observe(panel);
    this._newest.onclick = () => this._scrollToEnd();
  }

  /** Shows a caption in the place of the one it follows. Final and empty: nothing was said there after all. */
  show(caption) {
    if (!caption.text) this._remove(caption);
    else this._put(caption);
    this._empty.hidden = this._blocks.size > 0;
    this._markSpeakers();
    if (this._readsAlong) this._scrollToEnd();
    else this._newest.hidden = false;
  }

  /** What was interim when the link was lost and is not said again soon has been overtaken, and goes. */
  renew() {
    for (const line of this._panel.querySelectorAll('.line.is-interim')) line.dataset.stale = '';
    setTimeout(() => {
      for (const line of this._panel.querySelectorAll('.line[data-stale]')) {
        this._remove({ utterance_id: line.parentElement.dataset.utterance, clause: line.dataset.clause });
      }
      this._markSpeakers();
    }, STALE_MS);
  }

  clear() {
    this._sizes.disconnect();
    for (const block of this._blocks.values()) block.remove();
    this._blocks.clear();
    this._empty.hidden = false;
    this._newest.hidden = true;
  }

  _put(caption) {
    const block = this._block(caption);
    const line = this._line(block, caption.clause);
    line.classList.toggle('is-interim', !caption.is_final);
    line.dataset.final = caption.is_final;
    delete line.dataset.stale;
    const [text, source] = line.children;
    setText(text, caption.text, caption.language);
    const isTranslated = caption.source_text !== caption.text && caption.source_language !== caption.language;
    source.hidden = !isTranslated;
    setText(source, isTranslated ? caption.source_text : '', caption.source_language);
  }

  _block(caption) {
    let block = this._blocks.get(caption.utterance_id);
    if (block) return block;
    const speaker = make('b', { class: 'speaker', dir: 'auto', 'data-colour': colourOf(caption.speaker_id) });
    speaker.textContent = this._nameOf(caption.speaker_id) ?? say('captions.somebody');
    block = make(
      'article',
      {
        class: 'utterance',
        'data-utterance': caption.utterance_id,
        'data-speaker': caption.speaker_id,
        'data-at': caption.timestamp_ms,
      },
      speaker,
    );
    this._panel.insertBefore(block, this._after(caption.timestamp_ms));
    this._blocks.set(caption.utterance_id, block);
    while (this._blocks.size > KEPT) {
      const [oldest, first] = this._blocks.entries().next().value;
      first.remove();
      this._blocks.delete(oldest);
    }
    return block;
  }

  /** Gives the first block of what was said later; null: nothing was. What is replayed comes long after its time. */
  _after(timestamp) {
    let next = null;
    for (let block = this._panel.lastElementChild; block; block = block.previousElementSibling) {
      if (!(Number(block.dataset.at) > timestamp)) break;
      next = block;
    }
    return next;
  }

  /** Gives a clause's line, a new one at its place in the order of clauses. */
  _line(block, clause) {
    const lines = [...block.querySelectorAll('.line')];
    const known = lines.find((line) => Number(line.dataset.clause) === clause);
    if (known) return known;
    const line = make(
      'div',
      { class: 'line', 'data-clause': clause },
      make('p', { class: 'text', dir: 'auto' }),
      make('p', { class: 'source', dir: 'auto' }),
    );
    const next = lines.find((other) => Number(other.dataset.clause) > clause);
    block.insertBefore(line, next ?? null);
    return line;
  }

  _remove({ utterance_id: utterance, clause }) {
    const block = this._blocks.get(utterance);
    block?.querySelector(`.line[data-clause="${Number(clause)}"]`)?.remove();
    if (block && !block.querySelector('.line')) {
      block.remove();
      this._blocks.delete(utterance);
    }
  }

  /** A name stands only where the speaker changes. */
  _markSpeakers() {
    let previous = null;
    for (const block of this._panel.querySelectorAll('.utterance')) {
      block.classList.toggle('is-continued', block.dataset.speaker === previous);
      previous = block.dataset.speaker;
    }
  }

  _scrolled() {
    // Not somebody's scrolling, but less height: `_resized` is about to come.
    if (this._panel.clientHeight !== this._height) return;
    this._readsAlong = this._isAtEnd();
    this._newest.hidden = this._readsAlong;
  }

  /** A notice, or a phone that is turned, changes the height: who reads along keeps the newest line. */
  _resized() {
    this._height = this._panel.clientHeight;
    if (this._readsAlong) this._scrollToEnd();
  }

  _isAtEnd() {
    return this._panel.scrollHeight - this._panel.scrollTop - this._panel.clientHeight < NEAR;
  }

  _scrollToEnd() {
    this._panel.scrollTop = this._panel.scrollHeight;
    this._newest.hidden = true;
    this._readsAlong = true;
  }
}

function setText(element, text, language) {
  element.lang = language;
  // Written only when it changes, so that a selection survives.
  if (element.textContent !== text) element.textContent = text;
}
