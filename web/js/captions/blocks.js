// What the panel holds: one block an utterance, one line a clause, in the order in which they were said.

import { colourOf } from '../base/avatar.js';
import { make } from '../base/dom.js';
import { locale, say } from '../base/strings.js';
import { fillLine, makeLine } from './line.js';

// Utterances that stay; when there are more, the oldest goes.
const KEPT = 500;

/** The blocks. */
export class Blocks {
  /** `list` holds them; `whoIs(caption)` gives { name, isMe } of a speaker. */
  constructor(list, whoIs) {
    this._list = list;
    this._whoIs = whoIs;
    // utterance id -> block.
    this._blocks = new Map();
    this._time = new Intl.DateTimeFormat(locale(), { hour: 'numeric', minute: '2-digit' });
  }

  get size() {
    return this._blocks.size;
  }

  /** Shows a caption in the place of the one it follows. Final and empty: nothing was said there after all. */
  show(caption) {
    if (caption.text) fillLine(this._line(this._block(caption), caption.clause), caption);
    else this._remove(caption.utterance_id, caption.clause);
  }

  /** Marks what is interim as waiting to be said again; what is shown meanwhile is waiting no more. */
  markStale() {
    for (const line of this._list.querySelectorAll('.line.is-interim')) line.dataset.stale = '';
  }

  removeStale() {
    for (const line of this._list.querySelectorAll('.line[data-stale]')) {
      this._remove(line.parentElement.dataset.utterance, line.dataset.clause);
    }
  }

  clear() {
    this._list.replaceChildren();
    this._blocks.clear();
  }

  _block(caption) {
    const known = this._blocks.get(caption.utterance_id);
    if (known) return known;
    const block = this._makeBlock(caption);
    this._list.insertBefore(block, this._after(caption.timestamp_ms));
    this._blocks.set(caption.utterance_id, block);
    markSpeaker(block);
    markSpeaker(block.nextElementSibling);
    if (this._blocks.size > KEPT) this._drop(this._list.firstElementChild);
    return block;
  }

  _makeBlock(caption) {
    const { name, isMe } = this._whoIs(caption);
    const at = new Date(caption.timestamp_ms);
    return make(
      'article',
      {
        class: isMe ? 'utterance is-mine' : 'utterance',
        'data-utterance': caption.utterance_id,
        'data-speaker': caption.speaker_id,
        'data-at': caption.timestamp_ms,
      },
      make('b', { class: 'speaker', dir: 'auto', 'data-colour': colourOf(caption.speaker_id) }, isMe ? say('captions.you') : name),
      make('time', { class: 'at', datetime: at.toISOString() }, this._time.format(at)),
    );
  }

  /** Gives the first block of what was said later; null: nothing was. What is replayed comes long after its time. */
  _after(timestamp) {
    let next = null;
    for (let block = this._list.lastElementChild; block; block = block.previousElementSibling) {
      if (!(Number(block.dataset.at) > timestamp)) break;
      next = block;
    }
    return next;
  }

  /** Gives a clause's line, a new one at its place in the order of clauses. */
  _line(block, clause) {
    const lines = [...block.querySelectorAll(':scope > .line')];
    const known = lines.find((line) => Number(line.dataset.clause) === clause);
    if (known) return known;
    const line = makeLine(clause);
    const next = lines.find((other) => Number(other.dataset.clause) > clause);
    if (next) next.before(line);
    else (lines.at(-1) ?? block.querySelector('.at')).after(line);
    return line;
  }

  _remove(utterance, clause) {
    const block = this._blocks.get(utterance);
    block?.querySelector(`.line[data-clause="${Number(clause)}"]`)?.remove();
    if (block && !block.querySelector('.line')) this._drop(block);
  }

  _drop(block) {
    const next = block.nextElementSibling;
    block.remove();
    this._blocks.delete(block.dataset.utterance);
    markSpeaker(next);
  }
}

/** A name stands only where the speaker changes; for screen readers everywhere. */
function markSpeaker(block) {
  block?.classList.toggle('is-continued', block.previousElementSibling?.dataset.speaker === block.dataset.speaker);
}
