// Captions for screen readers: off unless somebody asks, since who hears speech does not want it twice. Then final text only.

import { make } from '../base/dom.js';
import { say } from '../base/strings.js';
import { serverNow } from '../wire/server_clock.js';
import { prefer, preferred } from './preferences.js';

// What was said longer ago is not read out: it was said before somebody came, and is there to be read.
const FRESH_MS = 15_000;
// Clauses that stay in the region, and clauses that are known to have been read out.
const SHOWN = 10;
const KNOWN = 200;

/** The live region beside the panel. */
export class Aloud {
  constructor(region, box) {
    this._region = region;
    this._known = new Set();
    box.checked = preferred().aloud;
    box.onchange = () => this._set(box.checked);
    this._set(box.checked);
  }

  /** Reads a caption out, once, if it is somebody else's and was said just now. */
  take(caption, { name, isMe }) {
    if (!this._isOn || isMe || !caption.is_final || !caption.text) return;
    const key = `${caption.utterance_id} ${caption.clause}`;
    if (this._known.has(key) || serverNow() - caption.timestamp_ms > FRESH_MS) return;
    this._known.add(key);
    if (this._known.size > KNOWN) this._known.delete(this._known.values().next().value);
    const words = make('span', { lang: caption.language, dir: 'auto' }, caption.text);
    this._region.append(make('p', {}, say('captions.aloud_name', { name }), ' ', words));
    while (this._region.children.length > SHOWN) this._region.firstElementChild.remove();
  }

  clear() {
    this._region.replaceChildren();
  }

  _set(isOn) {
    this._isOn = isOn;
    prefer({ aloud: isOn });
    this._region.setAttribute('aria-live', isOn ? 'polite' : 'off');
    if (!isOn) this.clear();
  }
}
