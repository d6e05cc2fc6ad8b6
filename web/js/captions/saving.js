// Copying and saving what was said in this call, in the words somebody chooses.

import { byId } from '../base/dom.js';
import { say, sayCount } from '../base/strings.js';
import { copyText } from './clipboard.js';
import { cuesOf } from './cues.js';
import { FORMATS, WORDS, fileName } from './formats.js';
import { prefer, preferred } from './preferences.js';

// How long a browser may take to begin a download.
const LINK_MS = 60_000;

/** The drawer for saving, and the same files once more when the call is over. */
export class Saving {
  constructor(record, { room, notices }) {
    this._record = record;
    this._room = room;
    this._notices = notices;
    this._drawer = byId('save-drawer');
    const words = WORDS.includes(preferred().words) ? preferred().words : 'mine';
    this._drawer.querySelector(`[name="words"][value="${words}"]`).checked = true;
    this._drawer.onchange = () => prefer({ words: this.words });
    byId('copy-all').onclick = () => this._copyAll();
    this._afterwards = byId('ended-save');
    this._afterwards.hidden = true;
    for (const place of [this._drawer, this._afterwards]) {
      for (const button of place.querySelectorAll('[data-format]')) {
        button.onclick = () => this._save(button.dataset.format);
      }
    }
  }

  /** Which words are copied and saved: one of `WORDS`. */
  get words() {
    return this._drawer.querySelector('[name="words"]:checked').value;
  }

  /** Says how much there is. */
  open() {
    const { size, dropped } = this._record;
    const some = dropped ? sayCount('captions.dropped', dropped) : '';
    byId('save-amount').textContent = size ? some : say('captions.nothing_to_save');
    for (const button of this._drawer.querySelectorAll('button')) button.disabled = size === 0;
  }

  /** The call is over: what was said can still be saved. */
  over() {
    this._afterwards.hidden = this._record.size === 0;
  }

  /** Copies a text and says so. */
  async copy(text) {
    const copied = await copyText(text);
    this._notices.show(say(copied ? 'captions.copied' : 'captions.copy_failed'));
  }

  _copyAll() {
    this.copy(FORMATS.txt.write(cuesOf(this._record.clauses()), this.words));
  }

  _save(format) {
    const cues = cuesOf(this._record.clauses());
    const { write, type } = FORMATS[format];
    const address = URL.createObjectURL(new Blob([write(cues, this.words)], { type: `${type};charset=utf-8` }));
    const link = document.createElement('a');
    link.href = address;
    link.download = fileName(this._room, cues[0].beganAt, this.words, format);
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), LINK_MS);
  }
}
